namespace Compress.Bench;

/// <summary>One compression to measure.</summary>
/// <param name="Name">The model's name, and what is done with it.</param>
/// <param name="Policy">Keys of the model's entry in the policy, as YAML in flow style, one a line.</param>
/// <param name="Target">What it must reach, see <see cref="Bench.Target"/>.</param>
/// <param name="AgainstPeers">Whether it stands for us where other tools' files are compared.</param>
internal sealed record Row(string Name, string Policy, string Target, bool AgainstPeers = false)
{
    public BenchModel Model => BenchModel.Of(Name.Split(' ')[0]);

    private bool NeedsTrainingData => Policy.Contains(Train, StringComparison.Ordinal);

    public string FileName => string.Join('-', Name.Split([' ', ',', '÷', '%'], StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Stands in a policy for the file that the model may be trained on.</summary>
    public const string Train = "{train}";

    /// <summary>Whether one of the texts is this row's name; a text that is no row's name stands for all that contain it.</summary>
    public bool Matches(string[] only) =>
        only.Length == 0 || only.Any(part => Rows.All.Any(row => row.Name == part) ? Name == part : Name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>The first file that is missing under the assets; null: none.</summary>
    public string? Missing(Assets assets)
    {
        string[] files = [assets.Model(Model.Name), assets.Data(Model.Calibration), .. NeedsTrainingData ? [TrainingData.Source(assets, Model.Train)] : Array.Empty<string>()];
        return files.FirstOrDefault(file => !File.Exists(file)) ?? (Model.Test.Any(name => File.Exists(assets.Data(name))) ? null : assets.Data(Model.Test[0]));
    }

    /// <summary>The policy as a file: no gate, since the figures are taken on data that the compression never sees.</summary>
    public string WritePolicy(Assets assets)
    {
        var path = Repository.Results("policies", FileName + ".yaml");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, $$"""
            version: 1
            models:
              - model: {{Quoted(assets.Model(Model.Name))}}
                calibration: { data: {{Quoted(assets.Data(Model.Calibration))}}, samples: {{Model.Samples}}, preprocess: {{Model.Preprocess}} }
                {{(NeedsTrainingData ? Policy.Replace(Train, Quoted(TrainingData.Find(assets, Model.Train)), StringComparison.Ordinal) : Policy).ReplaceLineEndings("\n    ")}}

            """);
        return path;
    }

    private static string Quoted(string path) => $"'{path.Replace("'", "''", StringComparison.Ordinal)}'";
}
