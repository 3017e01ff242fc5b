namespace Compress.Runtime.Operators;

/// <summary>How a convolution's kernel goes over planes of blocks of channels, in floats.</summary>
/// <param name="Channels">Those of the input that are no filling.</param>
/// <param name="Plane">From a block of channels to the next.</param>
/// <param name="Below">From an offset of the kernel to the one below.</param>
/// <param name="Beside">From an offset to the one beside it.</param>
/// <param name="Position">From what a position of the output meets to what the next one does.</param>
internal readonly record struct ConvStride(long Channels, long Plane, long Below, long Beside, long Position);

/// <summary>The offsets of a kernel that are gone through: rows and columns of it.</summary>
internal readonly record struct KernelPart((long H, long W) Kernel, long Top, long Bottom, long Left, long Right);
