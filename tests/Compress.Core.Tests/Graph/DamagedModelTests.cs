using Compress.Core.Tests.Emit;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Testing;

namespace Compress.Core.Tests.Graph;

/// <summary>Whatever happens to the bytes of a model, reading it gives a model or a coded error, never a crash.</summary>
[TestClass]
public sealed class DamagedModelTests
{
    [TestMethod]
    public void Random_damage_is_read_or_refused()
    {
        using var folder = new TemporaryFolder();
        var models = SoundModels().ToArray();
        var refused = 0;
        for (var seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            var (name, content) = models[seed % models.Length];
            var bytes = Damage(content, random);
            try
            {
                File.WriteAllBytes(folder["m.onnx"], bytes);
                OpsetUpgrade.To(OnnxReader.Read(folder["m.onnx"]), 21);
            }
            catch (CompressionException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, {name}: {e}");
            }
        }
        Assert.IsTrue(refused > 300, $"{refused} refused");
    }

    /// <summary>One for every operator that changed over time, branches and loops among them, and models with sparse constants and functions.</summary>
    private static IEnumerable<(string Name, byte[] Content)> SoundModels() =>
        OpsetCases.All().Select(row => ((string)row[0], OnnxWriter.ToBytes(((Func<ModelBuilder, ModelBuilder>)row[2])(new ModelBuilder(opset: (int)row[1])).Build())))
            .Concat(BadModels.All.Where(file => file.Key.StartsWith("CMP2015", StringComparison.Ordinal) || file.Key.StartsWith("CMP2016", StringComparison.Ordinal)).Select(file => (file.Key, file.Value)));

    private static byte[] Damage(byte[] content, Random random)
    {
        var bytes = content.ToArray();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(3))
            {
                case 0: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: bytes[at] = (byte)random.Next(256); break;
                default: bytes = [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 4))..]]; break;
            }
            if (bytes.Length == 0) return content;
        }
        return bytes;
    }
}
