using Compress.Graph;
using Compress.Runtime;

namespace Compress.Bench;

/// <summary>Other tools' files, the float model and ours: size, accuracy, and latency in one run, all models in turn.</summary>
internal static class PeersVerb
{
    private static readonly TimingSettings Patience = new(Seconds: 2, LeastRounds: 21);

    public static string Run(Assets assets, string[] only)
    {
        var tables = BenchModel.All.Where(model => assets.Peers(model.Name).Count > 0).Select(model => Table(model, assets, only)).ToList();
        return tables.Count > 0 ? string.Join("\n", tables.Where(table => table.Length > 0)) : $"No files of other tools: they are expected as peers/MODEL.TOOL.onnx in the folder that --assets names.\n";
    }

    private static string Table(BenchModel model, Assets assets, string[] only)
    {
        var rows = Rows.All.Where(row => row.Model == model && row.AgainstPeers && row.Matches(only) && row.Missing(assets) is null).ToList();
        if (rows.Count == 0) return "";
        var policy = RowRun.Policy(rows[0], assets);
        foreach (var row in rows.Where(row => !File.Exists(RowRun.ModelFile(row)))) _ = RowRun.Compress(row, RowRun.Policy(row, assets));
        List<(string Name, string File)> entries =
        [
            ("float", assets.Model(model.Name)),
            .. assets.Peers(model.Name).Select(file => (Path.GetFileNameWithoutExtension(file)[(model.Name.Length + 1)..], file)),
            .. rows.Select(row => ($"**Compress.Build {row.Name[(model.Name.Length + 1)..]}**", RowRun.ModelFile(row))),
        ];
        var models = entries.Select(entry => File.ReadAllBytes(entry.File)).ToList();
        Console.Error.WriteLine($"{model.Name}: {entries.Count} files");
        var samples = RowRun.Samples(model, assets, policy);
        var metrics = models.Select(bytes => string.Join(", ", model.Measures.Select(measure => Markdown.Metric(measure.Score(bytes, models[0], samples).Value)))).ToList();
        var times = model.Batches.Select(size => Times(models, samples.Read(0, size, size).First().Inputs)).ToList();
        string[] header = [model.Name, "KB", string.Join(", ", model.Measures.Select(measure => measure.Name)), .. model.Batches.Select(size => size == 1 ? "ms, one" : $"ms, batch of {size}")];
        return Markdown.Table(header, entries.Select((entry, i) =>
            (string[])[entry.Name, Markdown.Number(models[i].Length / 1000.0), metrics[i], .. times.Select(batch => Markdown.Number(batch[i]))]));
    }

    private static double[] Times(IReadOnlyList<byte[]> models, IReadOnlyDictionary<string, Tensor> feed)
    {
        var sessions = models.Select(bytes => new Session(bytes, new SessionSettings())).ToList();
        try
        {
            return [.. Timing.Interleaved([.. sessions.Select(session => (Action)(() => session.Run(feed)))], Patience).Select(times => Timing.Summary(times).Minimum)];
        }
        finally
        {
            sessions.ForEach(session => session.Dispose());
        }
    }
}
