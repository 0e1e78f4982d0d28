import Histories
import Nemesis
import RunStore
import Synchronization

/// Keeps what the nemesis reports: records for `results.json`, and what is active now for the progress line.
final class FaultRecorder: Sendable {
  private struct State {
    var records: [Int: FaultRecord] = [:]
    var active: [Int: String] = [:]
    var problems: [String] = []
  }

  private let state = Mutex(State())

  func take(_ event: NemesisEvent) {
    state.withLock { state in
      switch event {
      case .injecting(let action, _):
        state.records[action.id] = Self.record(action)
      case .injected(let action, let targets, let time):
        state.records[action.id]?.from = time
        state.records[action.id]?.targets = targets
        state.active[action.id] = "\(action.fault) \(targets)"
      case .skipped(let action, let reason, _):
        state.records[action.id, default: Self.record(action)].skipped = reason
      case .healing: break
      case .healed(let action, let evidence, let time):
        state.records[action.id]?.to = time
        state.records[action.id]?.evidence = evidence
        state.active[action.id] = nil
      case .failed(let action, let step, let message, _):
        state.problems.append("\(action.fault) could not \(step.rawValue): \(message)")
        if step == .inject { state.records[action.id]?.skipped = message }
      case .restoreFailed(let fault, let message, _):
        state.problems.append("\(fault) may still be active: \(message)")
      }
    }
  }

  /// In words, in order of injection.
  var active: [String] { state.withLock { state in state.active.sorted { $0.key < $1.key }.map(\.value) } }

  /// What the environment refused, in words.
  var problems: [String] { state.withLock { $0.problems } }

  /// Injections that were skipped: one sentence for each fault, target and reason.
  var skips: [String] {
    let records = state.withLock { state in state.records.sorted { $0.key < $1.key }.map(\.value) }
    return records.compactMap { record in
      record.skipped.map { "\(record.fault) (\(record.target)) was skipped: \($0)" }
    }.uniqued
  }

  /// In order of the schedule, with the client operations that began during each.
  func records(_ history: History) -> [FaultRecord] {
    let records = state.withLock { state in state.records.sorted { $0.key < $1.key }.map(\.value) }
    var invocations: [Int64] = []  // in order of time: the recording thread stamps them in turn
    for index in 0..<history.count where history.type(at: index) == .invoke && !history.process(at: index).isNemesis {
      invocations.append(history.time(at: index))
    }
    return records.map { record in
      var record = record
      if let from = record.from, let to = record.to {
        record.invocations = Self.first(in: invocations, after: to) - Self.first(in: invocations, after: from)
      }
      return record
    }
  }

  private static func record(_ action: FaultAction) -> FaultRecord {
    FaultRecord(
      id: action.id, fault: action.fault, target: action.target,
      parameters: action.parameters.isEmpty ? nil : action.parameters.mapValues(\.value), targets: "", from: nil,
      to: nil, evidence: nil, skipped: nil, invocations: 0)
  }

  /// Position of the first time that is later than `limit`, in a sorted list.
  private static func first(in times: [Int64], after limit: Int64) -> Int {
    var (low, high) = (0, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] <= limit { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
