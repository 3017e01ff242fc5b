using System.Text.RegularExpressions;
using Compress.Data;
using Compress.Diagnostics;
using Compress.Policy;
using Compress.Testing;
using DataType = Onnx.TensorProto.Types.DataType;

namespace Compress.Core.Tests.Data;

/// <summary>Each file and folder of testassets/data/bad begins with the code that it must end with, and so does each line of the tables here.</summary>
[TestClass]
public sealed partial class BadDataTests
{
    private static readonly ModelInput X = Datasets.Float("x", -1, 4);
    private static readonly ModelInput Picture = Datasets.Float("x", -1, 1, -1, -1);

    /// <summary>What a file is read for, where that is not one float input x [N,4].</summary>
    private static readonly Dictionary<string, Question> Questions = new()
    {
        ["CMP3008-other-names.npz"] = new([X], Says: "'a' float [6,4], 'b' float [6,4]"),
        ["CMP3009-no-labels.npz"] = new([X], Extras: ["labels"], Says: "'x' float [6,4]"),
        ["CMP3010-shape.npz"] = new([X], Says: "takes float [?,4], but its data are 'x' float [6,5]"),
        ["CMP3010-channels-last.npz"] = new([Datasets.Float("x", -1, 3, 8, 9)], Says: "Set preprocess.layout to nchw"),
        ["CMP3010-flat.npz"] = new([Datasets.Float("x", -1, 3, 8, 9)], Says: "reshape the array to [6, 3, 8, 9]"),
        ["CMP3010-size.npz"] = new([Datasets.Float("x", -1, 3, 8, 9)], Says: "Set preprocess.resize to [8, 9]"),
        ["CMP3011-counts.npz"] = new([X], Extras: ["labels"], Says: "'x' float [6,4], 'labels' int64 [5]"),
        ["CMP3013-out-of-range.npz"] = new([new("x", DataType.Uint8, [-1, 4])], Says: "Sample 1 of array 'x' holds the value 300"),
        ["CMP3013-fraction.npz"] = new([Datasets.Int64("x", -1, 4)], Says: "the value 7.5"),
        ["CMP3013-not-a-number.npz"] = new([Datasets.Int64("x", -1, 4)], Says: "the value NaN"),
        ["CMP3013-beyond-float16.npz"] = new([new("x", DataType.Float16, [-1, 4])], Says: "the value 1000000"),
        ["CMP3013-unsigned.npz"] = new([Datasets.Int64("x", -1, 4)], Says: "the value 9223372036854775813"),
        ["CMP3015-images"] = new([X, Picture]),
        ["CMP3017-in-and-out"] = new([Picture], Says: "directly ('a.png') and in sub-folders ('cats')"),
        ["CMP3018-row.csv"] = new([X], Says: "This line has 3 cells, the first line has 4."),
        ["CMP3019-cell.csv"] = new([X], Says: "'three' in column 'c'"),
        ["CMP3020-parts"] = new([X], Says: "'x' double [6,4]"),
        ["CMP3025-few.npz"] = new([Datasets.Float("x", 4, 4)], Says: "3 samples, but the model takes exactly 4"),
        ["CMP3026-batches.npz"] = new([Datasets.Float("a", 2, 4), Datasets.Float("b", 3, 4)], Says: "'a' float [2,4], 'b' float [3,4]"),
        ["CMP3028-second-input"] = new([X, Datasets.Float("y", -1, 4)], Says: "input_N.pb"),
    };

    /// <summary>Good files, asked for what they do not give.</summary>
    private static readonly (string Code, string File, Question Question)[] BadQuestions =
    [
        ("CMP3001", "bad/nowhere.npz", new([X])),
        ("CMP3021", "bad/CMP3009-no-labels.npz:z", new([X], Says: "holds no array 'z'. It holds 'x' float [6,4].")),
        ("CMP3021", "x: bad/CMP3009-no-labels.npz:z", new([X], Says: "holds no array 'z'")),
        ("CMP3022", "z: bad/CMP3009-no-labels.npz:x", new([X], Says: "no such input. Its inputs: 'x'.")),
        ("CMP3023", "bad/CMP3009-no-labels.npz", new([X], new Preprocess { Mean = [1, 2, 3] }, Says: "preprocess.mean has 3 values")),
        ("CMP3023", "images", new([Picture], new Preprocess { Std = [1, 2, 3] }, Says: "preprocess.std has 3 values")),
        ("CMP3024", "bad/CMP3009-no-labels.npz", new([X], new Preprocess { Inputs = ["y"] }, Says: "There are: x.")),
        ("CMP3024", "bad/CMP3009-no-labels.npz", new([Datasets.Int64("x", -1, 4)], new Preprocess { Inputs = ["x"] }, Says: "There are: none.")),
        ("CMP3027", "bad/CMP3009-no-labels.npz", new([new("x", DataType.String, [-1])], Says: "type string")),
    ];

    public static IEnumerable<object[]> Files =>
        Directory.GetFileSystemEntries(Datasets.Asset("bad")).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal).Select(name => new object[] { name });

    public static IEnumerable<object[]> Asked => BadQuestions.Index().Select(row => new object[] { row.Item.Code, row.Index });

    [TestMethod]
    [DynamicData(nameof(Files))]
    public void A_bad_file_is_one_coded_error(string name)
    {
        var isPicture = name.StartsWith("CMP3014", StringComparison.Ordinal);
        var question = Questions.GetValueOrDefault(name) ?? new([isPicture ? Picture : X]);

        Expect(name[..7], Datasets.Asset("bad", name), question);
    }

    [TestMethod]
    [DynamicData(nameof(Asked))]
    public void A_question_that_the_data_do_not_answer_is_one_coded_error(string code, int row) => Expect(code, BadQuestions[row].File, BadQuestions[row].Question);

    [TestMethod]
    public void Every_error_code_of_this_stage_is_raised_here()
    {
        var declared = ErrorCode().Matches(File.ReadAllText(Repository.PathTo("src", "Compress.Core", "Diagnostics", "Codes.Data.cs"))).Select(match => $"CMP{match.Groups[1].Value}");
        var raised = Files.Select(row => ((string)row[0])[..7]).Concat(BadQuestions.Select(row => row.Code));

        CollectionAssert.AreEquivalent(declared.ToList(), raised.Distinct().ToList());
    }

    [TestMethod]
    public void An_error_in_a_table_points_at_its_line_and_column()
    {
        var error = Datasets.Failure(() => Datasets.Open(Datasets.Asset("bad", "CMP3019-cell.csv"), [X]));

        Assert.AreEqual((3, 5), (error.Location!.Line, error.Location.Column));
    }

    private static void Expect(string code, string file, Question question)
    {
        var source = file.Split(": ") is [var input, var target]
            ? new DataSource(new("compress.yaml"), null, new Dictionary<string, At<string>> { [input] = new(Datasets.Asset(target), new("compress.yaml", 7, 5)) })
            : Datasets.Source(Path.Combine(Datasets.Asset(), file));

        var error = Datasets.Failure(() => DatasetReader.Open(source, question.Steps ?? Preprocess.None, question.Inputs, question.Extras ?? []));

        Assert.AreEqual(code, error.Code, error.Message);
        Assert.AreEqual(Severity.Error, error.Severity);
        Assert.IsNotNull(error.Location);
        StringAssert.Contains(error.Message, question.Says);
        StringAssert.DoesNotMatch(error.Message, Clumsy());
    }

    /// <summary>What is wanted of some data, and what the error must say.</summary>
    private sealed record Question(ModelInput[] Inputs, Preprocess? Steps = null, string[]? Extras = null, string Says = "");

    [GeneratedRegex(@"Error\((3\d{3})")]
    private static partial Regex ErrorCode();

    /// <summary>Stack traces, empty names, doubled full stops.</summary>
    [GeneratedRegex(@"[\r\n]|   at |Exception|''|\.\.(?!\.)")]
    private static partial Regex Clumsy();
}
