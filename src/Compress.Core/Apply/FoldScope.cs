using Compress.Graph;

namespace Compress.Apply;

/// <summary>The graph that is being folded, with what was found out about it since its last change.</summary>
internal sealed class FoldScope(OnnxModel model, List<Fold> log)
{
    private readonly NameSource names = NameSource.Of(model.Graph);
    private GraphIndex? index;
    private ValueTypes? types;

    public OnnxModel Model => model;

    public OnnxGraph Graph => model.Graph;

    public GraphIndex Index => index ??= GraphIndex.Of(Graph);

    public ValueTypes Types => types ??= ValueTypes.Of(Graph);

    /// <summary>To be called after every change of the graph, with what it was.</summary>
    public void Changed(Fold fold)
    {
        log.Add(fold);
        (index, types) = (null, null);
    }

    /// <summary>Nobody reads an output but the first.</summary>
    public bool OnlyFirstOutputUsed(Node node) => node.Outputs.Skip(1).All(output => !Graph.IsOutput(output) && Index.Consumers(output).Count == 0);

    /// <summary>A new constant under a free name like <paramref name="wish"/>.</summary>
    public string AddConstant(string wish, Tensor value)
    {
        var name = names.Fresh(wish);
        Graph.Constants[name] = value;
        return name;
    }

    /// <summary>Puts a new value in place of a constant input, under its own name unless others read it too.</summary>
    public void SetInput(Node node, int input, Tensor value)
    {
        while (node.Inputs.Count <= input) node.Inputs.Add("");
        var name = node.Inputs[input];
        var own = name.Length > 0 && !Graph.IsOutput(name) && Index.Consumers(name) is [_] && node.Inputs.Count(other => other == name) == 1;
        if (own) Graph.Constants[name] = value;
        else node.Inputs[input] = AddConstant(name.Length > 0 ? name + "_folded" : node.Name + "_bias", value);
    }
}
