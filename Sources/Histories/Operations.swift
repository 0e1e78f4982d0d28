/// An invocation with its completion.
public struct Operation: Hashable, Sendable {
  /// Index of the invocation in the history.
  public var invocation: Int
  /// Index of the completion; nil where none was recorded.
  public var completion: Int?
  /// How it ended; `info` too where no completion was recorded.
  public var outcome: EventType
  public var process: ProcessID
  public var function: String
  /// The object's key, where the history is keyed.
  public var key: Value?
  /// The invocation's value, without its key.
  public var input: Value
  /// The completion's value, without its key; null where there is none.
  public var output: Value
  public var node: String?
  public var error: String?
  /// Nanoseconds since the run's start.
  public var invokeTime: Int64
  public var completeTime: Int64?
}

/// What makes a sequence of events no history.
public struct PairingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Index of the offending event.
  public let index: Int
  public let message: String

  public var description: String { "event \(index): \(message)" }
}

/// The client operations of a history, paired; in order of invocation, in columns.
///
/// Nemesis events are left out. An operation without a completion counts as `info`.
public struct Operations: Sendable {
  static let none = UInt32.max

  public let history: History
  /// Event index of each operation's invocation.
  public private(set) var invocations: [UInt32] = []
  private var completions: [UInt32] = []
  /// Positions by key id, in the order of compressed rows: the operations of key k are `byKey[starts[k]..<starts[k+1]]`.
  private var byKey: [UInt32] = []
  private var keyStarts: [UInt32] = []

  /// Pairs invocations and completions.
  ///
  /// - Throws: `PairingError` when a completion has no invocation, a process invokes while another of its operations is
  ///   open, or a completion names another function than its invocation.
  public init(_ history: History) throws(PairingError) {
    self.history = history
    var open = OpenOperations(history)
    for index in 0..<history.count {
      let process = history.process(at: index)
      if process.isNemesis { continue }
      if history.type(at: index) == .invoke {
        guard open.invoke(process, UInt32(invocations.count)) else {
          throw PairingError(index: index, message: "process \(process) invokes while its last operation is open")
        }
        invocations.append(UInt32(index))
        completions.append(Self.none)
      } else {
        guard let position = open.complete(process) else {
          throw PairingError(index: index, message: "process \(process) completes an operation that it never invoked")
        }
        guard history.hasSameFunction(index, Int(invocations[Int(position)])) else {
          throw PairingError(
            index: index, message: "completes '\(history.function(at: index))', but the open operation is another")
        }
        completions[Int(position)] = UInt32(index)
      }
    }
    indexKeys()
  }

  public var count: Int { invocations.count }

  /// Event index of the completion, if there is one.
  public func completion(_ position: Int) -> Int? {
    completions[position] == Self.none ? nil : Int(completions[position])
  }

  public func outcome(_ position: Int) -> EventType {
    completion(position).map { history.type(at: $0) } ?? .info
  }

  public subscript(position: Int) -> Operation {
    let invocation = history[Int(invocations[position])]
    let completion = completion(position).map { history[$0] }
    let key = history.keyID(at: invocation.index).map { history.keys[$0] }
    return Operation(
      invocation: invocation.index, completion: completion?.index, outcome: completion?.type ?? .info,
      process: invocation.process, function: invocation.function, key: key,
      input: history.payload(at: invocation.index),
      output: completion.map { history.payload(at: $0.index) } ?? .null,
      node: completion?.node ?? invocation.node, error: completion?.error, invokeTime: invocation.time,
      completeTime: completion?.time)
  }

  /// Positions of the operations on the key with this id, in order of invocation.
  public func positions(key id: UInt32) -> ArraySlice<UInt32> {
    byKey[Int(keyStarts[Int(id)])..<Int(keyStarts[Int(id) + 1])]
  }

  /// Counting sort of the positions by key; operations without a key come under none.
  private mutating func indexKeys() {
    guard history.keyed else { return }
    keyStarts = [UInt32](repeating: 0, count: history.keys.count + 1)
    let ids = invocations.map { history.keyID(at: Int($0)) }
    for case let id? in ids { keyStarts[Int(id) + 1] += 1 }
    for key in 0..<history.keys.count { keyStarts[key + 1] += keyStarts[key] }
    var next = keyStarts
    byKey = [UInt32](repeating: 0, count: Int(keyStarts.last ?? 0))
    for (position, id) in ids.enumerated() {
      guard let id else { continue }
      byKey[Int(next[Int(id)])] = UInt32(position)
      next[Int(id)] += 1
    }
  }
}

/// The open operation of each process: by position where process numbers are dense, as they nearly always are.
private struct OpenOperations {
  /// Processes below this are found by position.
  private let directEnd: Int
  private var direct: [UInt32]
  private var others: [ProcessID: UInt32] = [:]

  init(_ history: History) {
    directEnd = min(Int(history.processMax) + 1, 2 * history.count + 1024)
    direct = Array(repeating: Operations.none, count: max(directEnd, 0))
  }

  /// False if the process has an open operation.
  mutating func invoke(_ process: ProcessID, _ position: UInt32) -> Bool {
    let number = Int(process.rawValue)
    guard number < directEnd else { return others.updateValue(position, forKey: process) == nil }
    defer { direct[number] = position }
    return direct[number] == Operations.none
  }

  mutating func complete(_ process: ProcessID) -> UInt32? {
    let number = Int(process.rawValue)
    guard number < directEnd else { return others.removeValue(forKey: process) }
    defer { direct[number] = Operations.none }
    return direct[number] == Operations.none ? nil : direct[number]
  }
}
