// Reads damaged histories for a given time: nothing may crash, hang, or be read in two ways.
//
//   history-fuzz [--seed N] [--seconds S] [--format jsonl|json|edn|jepsen-log] [--input I]
//
// Every input follows from the seed and its number alone; `--input I` reads the one with that number and prints it.
// Exits with 1 at the first finding.
import Glibc
import Histories

var options: [String: String] = [:]
var arguments = CommandLine.arguments.dropFirst()
while let name = arguments.popFirst() { options[name] = arguments.popFirst() ?? "" }

let seed = options["--seed"].flatMap { UInt64($0) } ?? 1
let seconds = options["--seconds"].flatMap { Int($0) } ?? 60
let families = options["--format"].flatMap { HistoryFormat(rawValue: $0) }.map { [Family.of($0)] } ?? Family.all
// Each family is read by its own reader, and as the content tells.
var checks = families.map { [Checks($0.format), Checks(nil)] }

/// The input with this number, and its family's place.
func input(_ number: UInt64) -> (bytes: [UInt8], family: Int) {
  let family = Int(number % UInt64(families.count))
  var mixer = SplitMix(seed &* 0x2545_F491_4F6C_DD1D &+ number)
  var mutator = Mutator(families[family], seed: mixer.next())
  return (mutator.input(), family)
}

@MainActor func check(_ number: UInt64) {
  Watch.next(number)
  let (bytes, family) = input(number)
  let way = Int(number / UInt64(families.count) % 2)
  guard let problem = checks[family][way].problem(bytes) ?? Checks.problem(json: bytes) else { return }
  print("finding in input \(number) of seed \(seed), \(families[family].format.rawValue): \(problem)")
  print(String(decoding: bytes, as: UTF8.self))
  exit(1)
}

Watch.start()
if let only = options["--input"].flatMap({ UInt64($0) }) {
  print(String(decoding: input(only).bytes, as: UTF8.self))
  check(only)
  exit(0)
}
let clock = ContinuousClock()
let end = clock.now + .seconds(seconds)
var number: UInt64 = 0
while number % 64 != 0 || clock.now < end {
  check(number)
  number += 1
}
Watch.stop()
for (family, ways) in zip(families, checks) {
  let (accepted, lenient) = (ways.reduce(0) { $0 + $1.accepted }, ways.reduce(0) { $0 + $1.lenientOnly })
  print("\(family.format.rawValue): \(accepted) accepted, \(lenient) accepted leniently alone")
}
print("history-fuzz: seed \(seed), \(number) inputs, no finding")
