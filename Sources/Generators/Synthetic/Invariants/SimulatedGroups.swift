import Histories

/// Registers in groups: every key is written once, and a read has all keys of a group.
struct SimulatedGroups: SimulatedWorkload {
  private let options: SyntheticInvariants.Options
  private var written: Set<Int> = []
  /// The group in use, and those of its keys that no client was told to write.
  private var group = 0
  private var unwritten: [Int] = []
  /// Keys below this are in use.
  private var keys = 0

  init(_ options: SyntheticInvariants.Options) {
    self.options = options
    openGroup()
  }

  private mutating func openGroup() {
    group = keys
    keys += options.groupKeys
    unwritten = Array(group..<keys)
  }

  mutating func draw(_ random: inout RandomStream) -> WorkloadCall {
    if random.unit() * 100 < options.readPercent {
      return WorkloadCall(function: "txn", input: reads(group) { _ in false }, object: group)
    }
    if unwritten.isEmpty { openGroup() }
    let key = unwritten.remove(at: random.below(unwritten.count))
    return WorkloadCall(function: "txn", input: Self.write(key), object: key)
  }

  private static func write(_ key: Int) -> Value { [["w", .int(Int64(key)), 1]] }

  private func reads(_ group: Int, _ isSeen: (Int) -> Bool) -> Value {
    .list((group..<group + options.groupKeys).map { ["r", .int(Int64($0)), isSeen($0) ? 1 : .null] })
  }

  mutating func apply(_ call: WorkloadCall) -> Value? {
    if call.input.list?.first?.list?.first == "r" { return reads(call.object) { written.contains($0) } }
    written.insert(call.object)
    return call.input
  }

  mutating func opening() -> [WorkloadStep] { [] }

  mutating func closing() -> [WorkloadStep] {
    WorkloadStep.alone("txn", reads(group) { _ in false }, reads(group) { written.contains($0) })
  }

  mutating func plant(_ anomaly: SyntheticInvariants.Anomaly) -> [WorkloadStep] {
    openGroup()
    defer { openGroup() }
    let (first, second) = (group, group + 1)
    let nothing = reads(group) { _ in false }
    let (sawFirst, sawSecond) = (reads(group) { $0 == first }, reads(group) { $0 == second })
    switch anomaly {
    case .abortedRead:
      return WorkloadStep.alone("txn", Self.write(first), Self.write(first), .fail)
        + WorkloadStep.alone("txn", nothing, sawFirst)
    case .thinAirRead: return WorkloadStep.alone("txn", nothing, sawFirst)
    default:
      let inputs = [Self.write(first), Self.write(second), nothing, nothing]
      let outputs = [Self.write(first), Self.write(second), sawFirst, sawSecond]
      return inputs.enumerated().map { WorkloadStep(process: $0, type: .invoke, function: "txn", value: $1) }
        + outputs.enumerated().map { WorkloadStep(process: $0, type: .ok, function: "txn", value: $1) }
    }
  }
}
