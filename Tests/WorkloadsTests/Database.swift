import Generators
import Histories

@testable import Workloads

/// Keys under transactions, and accounts among them: strictly serializable, as each operation is carried out whole when
/// it is invoked, unless it is told to be otherwise.
struct Database: SimulatedSystem {
  /// What is wrong with it.
  enum Fault: Equatable {
    case none
    /// Every second transaction reads what was there before the one ahead of it.
    case lateSnapshots
    /// A reader does not see yet the newest writes to even keys, or to odd keys, as its thread is even or odd.
    case fork
    /// Every tenth transfer takes money and gives it to nobody.
    case leak
    /// Transfers do not look at the balance.
    case debt
  }

  /// Writes that a fork hides.
  static let hiddenWrites = 6

  private var stream: RandomStream
  private let fault: Fault
  /// Share of the operations whose answer is lost; they are carried out all the same.
  private let lost: Double
  /// Outcomes of the first transactions, in place of `ok`. One that is `info` is carried out late, after the
  /// `lateAfter`-th operation from then on.
  private var first: [EventType]
  static let lateAfter = 300
  private var late: [(due: Int, steps: [MicroOperation])] = []

  private var states: [Int: Value] = [:]
  private var formerStates: [Int: Value] = [:]
  private var written: [Int] = []
  private(set) var count = 0
  private var transactions = 0
  private var transfers = 0

  init(seed: UInt64, fault: Fault = .none, lost: Double = 0, first: [EventType] = []) {
    stream = RandomStreams(seed: seed).stream("database")
    (self.fault, self.lost, self.first) = (fault, lost, first)
  }

  mutating func answer(_ invocation: Invocation) -> (after: Int64, completion: Completion) {
    count += 1
    for opening in late where opening.due == count { carryOut(opening.steps) }
    let after = Int64(stream.below(5_000_000)) + 100_000
    let completion = completion(of: invocation)
    let isLost = completion.type == .ok && stream.unit() < lost
    return (after, isLost ? Completion(.info, error: "timeout") : completion)
  }

  private mutating func completion(of invocation: Invocation) -> Completion {
    let event = invocation.event
    switch event.function {
    case "txn": return transaction(event.transactionSteps, on: invocation.thread)
    case "transfer": return transfer(event.value)
    default:
      let accounts = event.value.list?.compactMap(\.int) ?? []
      let balances = accounts.map { ("\($0)", states[Int($0)] ?? .null) }
      return Completion(.ok, value: .map(Dictionary(balances, uniquingKeysWith: { first, _ in first })))
    }
  }

  // MARK: Transactions

  private mutating func transaction(_ steps: [MicroOperation], on thread: ThreadID) -> Completion {
    if !first.isEmpty {
      let outcome = first.removeFirst()
      if outcome == .info { late.append((count + Self.lateAfter, steps)) }
      return Completion(outcome, error: "election")
    }
    transactions += 1
    let snapshot = fault == .lateSnapshots && transactions.isMultiple(of: 2) ? formerStates : states
    formerStates = states
    let hidden = fault == .fork ? Set(written.suffix(Self.hiddenWrites).filter { ($0 ^ thread.rawValue) & 1 == 0 }) : []
    let answered = steps.map { step in
      guard step.isRead else {
        write(step)
        return step.listed
      }
      let state = hidden.contains(step.key) ? nil : (fault == .lateSnapshots ? snapshot : states)[step.key]
      return MicroOperation(step.name, step.key, state ?? .null).listed
    }
    return Completion(.ok, value: .list(answered))
  }

  private mutating func carryOut(_ steps: [MicroOperation]) {
    for step in steps where !step.isRead { write(step) }
  }

  private mutating func write(_ step: MicroOperation) {
    written.append(step.key)
    states[step.key] = step.name == "w" ? step.value : .list((states[step.key]?.list ?? []) + [step.value])
  }

  // MARK: Accounts

  private mutating func transfer(_ value: Value) -> Completion {
    guard let from = value.map?["from"]?.int, let to = value.map?["to"]?.int, let amount = value.map?["amount"]?.int,
      let source = states[Int(from)]?.int, let target = states[Int(to)]?.int
    else { return Completion(.fail, error: "no-account") }
    guard source >= amount || fault == .debt else { return Completion(.fail, error: "insufficient") }
    transfers += 1
    states[Int(from)] = .int(source - amount)
    if fault != .leak || !transfers.isMultiple(of: 10) { states[Int(to)] = .int(target + amount) }
    return Completion(.ok)
  }
}
