using System.Runtime.InteropServices;

namespace Compress.Training;

/// <summary>Where the state of a training is kept now and then, so that one that was interrupted goes on instead of starting again.</summary>
/// <param name="Load">What was saved as number 1, 2 …; null: nothing.</param>
/// <param name="Save">Keeps a state under the next number.</param>
public sealed record Checkpoints(Func<int, byte[]?> Load, Action<int, Func<byte[]>> Save)
{
    public static readonly Checkpoints None = new(_ => null, (_, _) => { });
}

/// <summary>How far a training has come, besides its parameters.</summary>
/// <param name="Epoch">Epochs that are over.</param>
/// <param name="Within">Steps of the one that is not.</param>
/// <param name="Steps">All steps.</param>
internal readonly record struct TrainingState(int Epoch, int Within, int Steps, double Seconds)
{
    /// <summary>Whether a state of these parameters is one array of bytes.</summary>
    public static bool Fits(IReadOnlyList<Parameter> parameters) => Size(parameters) <= Array.MaxLength;

    /// <summary>State and parameters as bytes; what they belong to is the business of who keeps them.</summary>
    public byte[] Write(IReadOnlyList<Parameter> parameters)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(Epoch);
        writer.Write(Within);
        writer.Write(Steps);
        writer.Write(Seconds);
        foreach (var array in parameters.SelectMany(Arrays)) writer.Write(MemoryMarshal.AsBytes(array.AsSpan()));
        writer.Flush();
        return stream.ToArray();
    }

    /// <summary>Puts the parameters back; null when the bytes are not of these parameters.</summary>
    public static TrainingState? Read(byte[] bytes, IReadOnlyList<Parameter> parameters)
    {
        if (bytes.Length != Size(parameters)) return null;
        using var reader = new BinaryReader(new MemoryStream(bytes));
        var state = new TrainingState(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32(), reader.ReadDouble());
        foreach (var array in parameters.SelectMany(Arrays)) reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(array.AsSpan()));
        return state;
    }

    private static long Size(IReadOnlyList<Parameter> parameters) => (3 * sizeof(int)) + sizeof(double) + parameters.SelectMany(Arrays).Sum(array => (long)array.Length * sizeof(float));

    private static IEnumerable<float[]> Arrays(Parameter parameter) => [parameter.Values, parameter.Mean, parameter.Square];
}
