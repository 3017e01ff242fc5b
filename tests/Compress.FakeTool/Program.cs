using System.Text;

var started = DateTime.UtcNow;
// compress MODEL --option value …, out of a response file with one argument a line.
var arguments = args is [['@', .. var file]] ? File.ReadAllLines(file) : args;
var model = arguments[1];
string? Option(string name) => Array.IndexOf(arguments, name) is >= 0 and var at ? arguments[at + 1] : null;

if (Environment.GetEnvironmentVariable("COMPRESS_FAKE_RECORD") is { } record) File.AppendAllText(record, string.Join('\t', [.. arguments, $"{Environment.ProcessId}"]) + "\n");

var policy = Option("--policy")!;
if (!File.Exists(policy))
{
    Console.Error.WriteLine($"{policy}: error CMP1001: The policy does not exist.");
    return 2;
}

// The policy is a list of commands, one a line: warn | leave | miss | hang | crash | edit | read FILE | place PATH | cost MILLISECONDS.
var commands = File.ReadAllLines(policy).Select(line => line.Split(' ', 2)).ToArray();
string[] Arguments(string command) => [.. commands.Where(c => c[0] == command).Select(c => c.Length > 1 ? c[1] : "")];

var output = Option("--output")!;
var temporary = output + ".tmp";
Directory.CreateDirectory(Path.GetDirectoryName(output)!);
var leaves = Arguments("leave").Length > 0;
if (!leaves) Console.WriteLine("stage: reading");
File.WriteAllBytes(temporary, [.. "compressed:"u8, .. File.ReadAllBytes(model)]);
if (Arguments("hang").Length > 0) Thread.Sleep(TimeSpan.FromMinutes(2));
if (Arguments("edit").Length > 0) File.WriteAllLines(policy, File.ReadAllLines(policy).Where(line => line != "edit"));
if (Arguments("crash").Length > 0) return 3;
if (Arguments("miss").Length > 0)
{
    Console.Error.WriteLine($"{policy}({Array.FindIndex(commands, c => c[0] == "miss") + 1},3): error CMP7001: The gate was missed.");
    return 1;
}

var warning = $"{policy}(1,1): warning CMP3001: Few samples.";
if (Arguments("warn").Length > 0)
{
    Console.Error.WriteLine(warning);
    File.WriteAllText(Option("--log")!, warning + "\n", new UTF8Encoding(false));
}
else
{
    File.Delete(Option("--log")!);
}
if (Arguments("place") is [var place]) File.WriteAllText(Option("--target")!, place);
else File.Delete(Option("--target")!);
File.Move(temporary, output, overwrite: true);
File.SetLastWriteTimeUtc(output, started);
File.WriteAllText(Option("--report")!, "{}");
var folder = Path.GetDirectoryName(policy)!;
File.WriteAllText(Option("--depends")!, string.Concat(new[] { model, policy }.Concat(Arguments("read").Select(path => Path.Combine(folder, path))).Select(path => path + "\n")));
Console.WriteLine($"{Path.GetFileName(model)} {(leaves ? "is left as it is: not now" : $"-> {Path.GetFileName(output)}")}");
return 0;
