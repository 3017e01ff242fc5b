using Microsoft.Build.Framework;

namespace Compress.Tasks;

/// <summary>Ends the build after models that failed. Says nothing: their errors are in the log.</summary>
public sealed class StopBuild : Microsoft.Build.Utilities.Task
{
    public override bool Execute()
    {
        if (BuildEngine is IBuildEngine7 engine) engine.AllowFailureWithoutError = true;
        return false;
    }
}
