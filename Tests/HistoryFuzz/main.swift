// Reads damaged histories for a given time: `history-fuzz --help` says how.
import ArgumentParser
import Glibc
import Histories

let options = FuzzOptions.parseOrExit()
let seed = options.seed
let families = options.format.map { [Family.of($0)] } ?? Family.all
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

Watch.start(seed: seed)
if let only = options.input {
  print(String(decoding: input(only).bytes, as: UTF8.self))
  check(only)
  exit(0)
}
let clock = ContinuousClock()
let end = clock.now + .seconds(options.seconds)
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
