using Compress.Core.Tests.Emit;
using Compress.Data;

namespace Compress.Core.Tests.Data;

/// <summary>A cache may forget, and must never lie or fail.</summary>
[TestClass]
public sealed class ResultCacheTests
{
    private static readonly string Key = Fingerprint.Of("model", "policy");

    [TestMethod]
    public void What_was_put_is_found_by_another_process()
    {
        using var folder = new TemporaryFolder();
        new ResultCache(folder.Path).Put(Key, [1, 2, 3]);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3 }, new ResultCache(folder.Path).Get(Key));
        Assert.IsNull(new ResultCache(folder.Path).Get(Fingerprint.Of("modelp", "olicy")));
    }

    [TestMethod]
    public void A_damaged_entry_is_a_miss_until_it_is_put_again()
    {
        using var folder = new TemporaryFolder();
        var cache = new ResultCache(folder.Path);
        cache.Put(Key, [1, 2, 3]);
        var file = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Single();
        File.WriteAllBytes(file, [1, 2]);
        Assert.IsNull(cache.Get(Key));
        cache.Put(Key, [1, 2, 3]);
        Assert.IsNotNull(cache.Get(Key));
    }

    [TestMethod]
    public void What_can_not_be_put_in_place_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        var cache = new ResultCache(folder.Path);
        cache.Put(Key, [1, 2, 3]);
        var entry = Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Single();
        File.Delete(entry);
        Directory.CreateDirectory(entry); // in its place
        cache.Put(Key, [1, 2, 3]);
        Assert.AreEqual(0, Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).Length);
    }

    [TestMethod]
    public void Many_writers_and_readers_of_one_entry_do_not_disturb_each_other()
    {
        using var folder = new TemporaryFolder();
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var cache = new ResultCache(folder.Path);
            if (i % 2 == 0) cache.Put(Key, new byte[100_000]);
            else Assert.IsTrue(cache.Get(Key) is null or { Length: 100_000 });
        });
        Assert.AreEqual(100_000, new ResultCache(folder.Path).Get(Key)!.Length);
    }

    [TestMethod]
    public void The_least_recently_used_make_room()
    {
        using var folder = new TemporaryFolder();
        string[] keys = [Fingerprint.Of("1"), Fingerprint.Of("2"), Fingerprint.Of("3")];
        foreach (var key in keys[..2]) new ResultCache(folder.Path).Put(key, new byte[1000]);
        foreach (var file in Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        _ = new ResultCache(folder.Path).Get(keys[0]);

        new ResultCache(folder.Path, limit: 2500).Put(keys[2], new byte[1000]);

        CollectionAssert.AreEqual(new[] { true, false, true }, keys.Select(key => new ResultCache(folder.Path).Get(key) is not null).ToArray());
    }

    [TestMethod]
    public void One_run_that_writes_much_makes_room_too()
    {
        using var folder = new TemporaryFolder();
        var cache = new ResultCache(folder.Path, limit: 8_000);

        for (var i = 0; i < 100; i++) cache.Put(Fingerprint.Of([$"{i}"]), new byte[1_000]);

        var kept = new DirectoryInfo(folder.Path).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Assert.IsTrue(kept is > 0 and <= 9_000, $"{kept} bytes");
    }

    [TestMethod]
    public void Only_what_the_cache_has_written_makes_room()
    {
        using var folder = new TemporaryFolder();
        string[] others = [folder.Write("notes.txt", "1"), folder.Write("pip/http/page", "2"), folder.Write($"{Key[..2]}/notes.txt", "3"), folder.Write($"pip/{Key}-{Key[..32]}", "4")];
        var leftover = folder.Write($"{Key[..2]}/.{Path.GetRandomFileName()}.tmp", "5");

        new ResultCache(folder.Path, limit: 0).Put(Key, [1]);

        CollectionAssert.AreEquivalent(others, Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories));
        Assert.IsFalse(File.Exists(leftover));
    }

    [TestMethod]
    public void A_folder_that_can_not_be_used_only_means_misses()
    {
        using var folder = new TemporaryFolder();
        var cache = new ResultCache(folder.Write("file", ""));
        cache.Put(Key, [1]);
        Assert.IsNull(cache.Get(Key));
    }

    [TestMethod]
    public void Fingerprints_tell_contents_names_and_boundaries_apart()
    {
        using var folder = new TemporaryFolder();
        var (a, b) = (folder.Write("a", "1"), folder.Write("b", "1"));
        Assert.AreEqual(Fingerprint.OfFile(a), Fingerprint.OfFiles([b]));
        Assert.AreEqual(Fingerprint.Of("1"u8), Fingerprint.OfFile(a));
        Assert.ThrowsExactly<OperationCanceledException>(() => Fingerprint.OfFiles([a, b], new CancellationToken(canceled: true)));
        Assert.AreEqual(Fingerprint.OfFiles([a, b]), Fingerprint.OfFiles([b, a]));
        Assert.AreNotEqual(Fingerprint.OfFiles([a, b]), Fingerprint.OfFiles([a, folder.Write("c", "1")]));
        Assert.AreEqual(Fingerprint.OfFiles([a, b]), Fingerprint.OfFiles([folder.Write("x/a", "1"), folder.Write("x/b", "1")]), "wherever they lie");
        Assert.AreNotEqual(Fingerprint.OfFiles([folder.Write("y/0/a", "1"), folder.Write("y/1/b", "1")]), Fingerprint.OfFiles([folder.Write("z/0/a", "1"), folder.Write("z/0/b", "1")]), "a folder is a class");
        Assert.AreNotEqual(Fingerprint.Of("ab", "c"), Fingerprint.Of("a", "bc"));
        Assert.AreEqual("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Fingerprint.Of("abc"u8));
    }
}
