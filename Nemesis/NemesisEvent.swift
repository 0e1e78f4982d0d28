import Histories

/// What the nemesis does, as it happens; times in nanoseconds since the run's start.
///
/// An action gives `injecting`, then one of `injected`, `skipped` and `failed`; after `injected` comes `healing`, then
/// `healed` or `failed`, until it is healed. An action that cannot be tried at all gives `skipped` alone. Actions whose
/// time had not come when the run was interrupted give nothing.
public enum NemesisEvent: Hashable, Sendable {
  case injecting(FaultAction, time: Int64)
  /// `targets` in words: `n1 n2 | n3 n4 n5`.
  case injected(FaultAction, targets: String, time: Int64)
  case skipped(FaultAction, reason: String, time: Int64)
  case healing(FaultAction, time: Int64)
  case healed(FaultAction, evidence: FaultEvidence, time: Int64)
  /// The environment failed. A failed injection left nothing broken; a failed healing is tried again by the final heal.
  case failed(FaultAction, step: FaultStep, message: String, time: Int64)
  /// In the final heal: something of this package may still be broken.
  case restoreFailed(fault: String, message: String, time: Int64)

  /// Nanoseconds since the run's start.
  public var time: Int64 {
    switch self {
    case .injecting(_, let time), .injected(_, _, let time), .skipped(_, _, let time), .healing(_, let time),
      .healed(_, _, let time), .failed(_, _, _, let time), .restoreFailed(_, _, let time):
      time
    }
  }

  /// The action that it is about; nil for what the final heal does beyond actions.
  public var action: FaultAction? {
    switch self {
    case .injecting(let action, _), .injected(let action, _, _), .skipped(let action, _, _), .healing(let action, _),
      .healed(let action, _, _), .failed(let action, _, _, _):
      action
    case .restoreFailed: nil
    }
  }
}

/// The two ends of a fault.
public enum FaultStep: String, Hashable, Sendable {
  case inject
  case heal
}

extension FaultAction {
  /// The operation's name in the history, as Jepsen's nemeses call theirs: `start-partition`, `stop-partition`.
  public func historyFunction(_ step: FaultStep) -> String {
    switch step {
    case .inject: "start-\(fault)"
    case .heal: "stop-\(fault)"
    }
  }
}

extension NemesisEvent {
  /// The event as a line of the history, by the process `nemesis`; its index is the recorder's to give.
  ///
  /// All are `info`, as Jepsen's: a fault is no operation of the system under test, and a checker must not pair it.
  public func historyEvent(index: Int) -> Event {
    var value: [String: Value] = ["phase": .string(phase)]
    var error: String?
    if let action {
      value["id"] = .int(Int64(action.id))
      value["target"] = .string(action.target)
      if !action.parameters.isEmpty { value["parameters"] = .map(action.parameters.mapValues(\.value)) }
    }
    switch self {
    case .injected(_, let targets, _): value["targets"] = .string(targets)
    case .healed(_, let evidence, _): value["evidence"] = evidence.value
    case .skipped(_, let reason, _): error = reason
    case .failed(_, _, let message, _), .restoreFailed(_, let message, _): error = message
    case .injecting, .healing: break
    }
    return Event(
      index: index, time: time, process: .nemesis, type: .info, function: historyFunction, value: .map(value),
      error: error)
  }

  private var phase: String {
    switch self {
    case .injecting: "injecting"
    case .injected: "injected"
    case .skipped: "skipped"
    case .healing: "healing"
    case .healed: "healed"
    case .failed, .restoreFailed: "failed"
    }
  }

  private var historyFunction: String {
    switch self {
    case .injecting(let action, _), .injected(let action, _, _), .skipped(let action, _, _):
      action.historyFunction(.inject)
    case .healing(let action, _), .healed(let action, _, _): action.historyFunction(.heal)
    case .failed(let action, let step, _, _): action.historyFunction(step)
    case .restoreFailed(let fault, _, _): "restore-\(fault)"
    }
  }
}

extension FaultArgument {
  /// As `results.json`, the history and the resolved plan have it.
  public var value: Value {
    switch self {
    case .number(let number): .double(number)
    case .range(let low, let high): [.double(low), .double(high)]
    case .text(let text): .string(text)
    }
  }
}

extension FaultEvidence {
  /// The evidence as a value of the history.
  var value: Value { ["took": .bool(took), "summary": .string(summary), "detail": detail] }
}
