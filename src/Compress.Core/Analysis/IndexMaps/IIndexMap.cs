using Compress.Graph;

namespace Compress.Analysis.IndexMaps;

/// <summary>How positions along the axes of an operator's inputs travel to its outputs. One class an operator, or a family of one form.</summary>
internal interface IIndexMap
{
    /// <summary>
    /// States which positions live and die together, for one node. An axis about which nothing is said must stay whole:
    /// forgetting a case costs compression, never a wrong graph.
    /// </summary>
    void Relate(Node node, AxisRelations axes);

    /// <summary>Adapts the parameters of a node (a copy) whose axes were cut. Most operators take their sizes from their inputs.</summary>
    void Resize(Node node, AxisCut cut) { }
}
