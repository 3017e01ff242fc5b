using System.Collections.Immutable;
using Compress.Core.Tests.Search;
using Compress.Diagnostics;
using Compress.Graph;
using Compress.Plan;
using Compress.Policy;
using Compress.Runtime;
using Compress.Search;
using Compress.Testing;

namespace Compress.Core.Tests;

/// <summary>Of two forms of a model the better one, each searched once; the one that nobody asked for may fail.</summary>
[TestClass]
public sealed class FormsTests
{
    private static readonly SourceLocation Here = new("compress.yaml");

    private readonly Heard heard = new();
    private readonly List<SearchContext> searched = [];

    [TestMethod]
    public void The_nearer_form_with_the_model_as_it_is_behind_it()
    {
        var (plain, products) = (Open(), Open(isProduct: true));
        var forms = Of([plain, products], form => Rounded(form, form.Factors.IsEmpty ? 2 : 8));

        CollectionAssert.AreEqual(new[] { products, plain }, forms.BestFirst().ToArray());

        Assert.IsNotNull(forms.Find(plain));
        Assert.IsNotNull(forms.Find(products));
        Assert.HasCount(2, searched);
        Assert.IsTrue(searched[0].Factors.IsEmpty);
    }

    [TestMethod]
    public void A_nearer_form_that_is_too_slow_is_not_taken()
    {
        // Five times the float model's time, which the other form takes ten times and more.
        var budget = new BudgetPolicy { Location = Here, Latency = new Bound(0.2, IsFactor: true, Here) };
        var wide = new ModelBuilder(7).Input("x", -1, 3, 8, 8).Conv(256, 3).Relu().Conv(256, 3).Relu().GlobalPool().Flatten().Dense(4).Build();
        LoadableModel source = OnnxWriter.ToBytes(SmallSearch.Network());
        var (plain, products) = (Open(budget) with { FloatMilliseconds = 1 }, Open(budget, isProduct: true, wide) with { FloatMilliseconds = 1, Source = source });

        var forms = Of([plain, products], form => Rounded(form, form.Factors.IsEmpty ? 2 : 8));

        CollectionAssert.AreEqual(new[] { plain }, forms.BestFirst().ToArray(), string.Join('\n', heard.Stages));
    }

    [TestMethod]
    public void A_form_that_fails_is_left_out_and_that_is_told()
    {
        var (plain, products) = (Open(), Open(isProduct: true));
        var forms = Of([plain, products], form => form.Factors.IsEmpty ? Rounded(form, 8) : throw Codes.LayerNotFinite("dense").Error());

        CollectionAssert.AreEqual(new[] { plain }, forms.BestFirst().ToArray());

        Assert.IsTrue(heard.Stages.Exists(stage => stage.Contains("layer 'dense'", StringComparison.Ordinal)), string.Join('\n', heard.Stages));
        Assert.AreEqual("", heard.Codes);
    }

    [TestMethod]
    public void Nobody_swallows_a_cancellation_or_what_is_wrong_with_the_model_as_it_is()
    {
        Assert.Throws<OperationCanceledException>(() => Of([Open(), Open(isProduct: true)], form => form.Factors.IsEmpty ? Rounded(form, 8) : throw new OperationCanceledException()).BestFirst());
        Assert.Throws<CompressionException>(() => Of([Open(), Open(isProduct: true)], _ => throw Codes.LayerNotFinite("dense").Error()).BestFirst());
    }

    [TestMethod]
    public void What_onnx_runtime_refuses_is_not_searched_again()
    {
        var plain = Open();
        var forms = Of([plain, Open(isProduct: true)], _ => throw Codes.ModelDoesNotLoad("model.onnx", "no").Error());

        CollectionAssert.AreEqual(new[] { plain }, forms.BestFirst().ToArray());

        Assert.Throws<CompressionException>(() => forms.Find(plain));
        Assert.HasCount(1, searched);
    }

    private Forms Of(IReadOnlyList<SearchContext> forms, Func<SearchContext, Candidate> find) => new(forms, form =>
    {
        searched.Add(form);
        return find(form);
    }, new SearchTime(null));

    private SearchContext Open(BudgetPolicy? budget = null, bool isProduct = false, OnnxModel? model = null)
    {
        var search = SmallSearch.Open(model ?? SmallSearch.Network(), policy => policy with { Budget = budget ?? new BudgetPolicy { Location = Here } }) with { Reporter = heard };
        return isProduct ? search with { Factors = ImmutableSortedDictionary<string, int>.Empty.Add("dense", 2) } : search;
    }

    private static Candidate Rounded(SearchContext form, int bits) => form.Build(UniformPlan.Of(form, bits, 8));
}
