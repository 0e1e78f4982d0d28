import Generators
import Histories

/// Histories of replicated objects by twenty clients, each always in flight, of which one update in a hundred is of
/// unknown outcome; at the end five replicas are read, of which one may differ.
struct ReplicaLoad {
  /// What the objects are, and what the system reports of updates.
  enum Kind {
    /// Increments and decrements.
    case counter
    /// Increments with dots; one operation in ten is a read that names what it has seen.
    case counterSeen
    /// Additions alone, or with removals, of elements that come once each; nothing is reported.
    case setGrowing, setPlain
    /// Additions and removals: ids of operations, or dots.
    case setByIDs, setByVectors
    /// Writes with version vectors, or with timestamps.
    case versions, timestamps
  }

  private struct Object {
    var sum: Int64 = 0
    /// What is in the set, by the number of its addition, or the last value of the register.
    var content: [Int64] = []
    /// How many updates each replica took.
    var vector = [Int64](repeating: 0, count: ReplicaLoad.replicas)
  }

  private struct Call {
    var function: String
    var object: Int
    var input: Int64
  }

  private static let (clients, replicas) = (20, 5)

  private let kind: Kind
  private var objects: [Object]
  private var history: History
  private var random: RandomStream
  private var open = [Call?](repeating: nil, count: ReplicaLoad.clients)
  private var processes = (0..<Int32(ReplicaLoad.clients)).map { $0 }
  private var next: Int64 = 0

  private init(_ kind: Kind, objects: Int) {
    self.kind = kind
    self.objects = Array(repeating: Object(), count: objects)
    history = History(keyed: objects > 1)
    random = RandomStreams(seed: 1).stream("bench/replicas")
  }

  /// - Parameters:
  ///   - isMap: replicas are read whole, `{key: state}`.
  ///   - diverges: the last replica shows something else of the first object.
  static func history(
    _ kind: Kind, _ operations: Int, objects: Int, isMap: Bool = false, diverges: Bool
  ) -> History {
    var load = ReplicaLoad(kind, objects: objects)
    load.run(operations)
    for replica in 0..<replicas {
      let other = diverges && replica == replicas - 1
      if isMap { load.readWhole(replica, other: other) } else { load.readEach(replica, other: other) }
    }
    return load.history
  }

  // MARK: Load

  private mutating func run(_ operations: Int) {
    var begun = 0
    while begun < operations || open.contains(where: { $0 != nil }) {
      let client = random.below(Self.clients)
      if let call = open[client] {
        open[client] = nil
        complete(call, client)
      } else if begun < operations {
        begun += 1
        let call = call()
        open[client] = call
        record(
          processes[client], .invoke, call.function, call.object, call.function == "read" ? .null : .int(call.input))
      }
    }
  }

  private mutating func call() -> Call {
    next += 1
    let object = random.below(objects.count)
    switch kind {
    case .counter:
      return Call(function: next % 3 == 0 ? "decrement" : "increment", object: object, input: 1 + next % 10)
    case .counterSeen:
      return Call(function: next % 10 == 0 ? "read" : "increment", object: object, input: 1 + next % 10)
    case .setGrowing: return Call(function: "add", object: object, input: next)
    case .setPlain, .setByIDs, .setByVectors:
      // Whoever removes an element takes it first, so that nobody else does.
      guard next % 2 == 0, let element = objects[object].content.popLast() else {
        return Call(function: "add", object: object, input: next)
      }
      return Call(function: "remove", object: object, input: element)
    case .versions, .timestamps: return Call(function: "write", object: object, input: next)
    }
  }

  private mutating func complete(_ call: Call, _ client: Int) {
    guard call.function != "read" else {
      let seen = objects[call.object]
      return record(
        processes[client], .ok, "read", call.object, ["value": .int(seen.sum), "visible": Self.vector(seen)])
    }
    // A removal of unknown outcome without a context decides nothing of its element.
    if random.below(100) == 0, call.function != "remove", kind != .counterSeen {
      record(processes[client], .info, call.function, call.object, .int(call.input))
      processes[client] += Int32(Self.clients)
      return
    }
    record(processes[client], .ok, call.function, call.object, apply(call, replica: client % Self.replicas))
  }

  /// - Returns: what the system says of the update.
  private mutating func apply(_ call: Call, replica: Int) -> Value {
    let before = Self.vector(objects[call.object])
    objects[call.object].vector[replica] += 1
    let dot: Value = [.string("n\(replica + 1)"), .int(objects[call.object].vector[replica])]
    switch kind {
    case .counter, .counterSeen:
      objects[call.object].sum += call.function == "decrement" ? -call.input : call.input
      return kind == .counter ? .int(call.input) : ["value": .int(call.input), "id": dot]
    case .setGrowing, .setPlain:
      if call.function == "add" { objects[call.object].content.append(call.input) }
      return .int(call.input)
    case .setByIDs, .setByVectors:
      if call.function == "add" { objects[call.object].content.append(call.input) }
      let (id, context) = kind == .setByIDs ? (.int(call.input), .list([.int(call.input)])) : (dot, before)
      return call.function == "add" ? ["id": id] : ["context": context]
    case .versions:
      objects[call.object].content = [call.input]
      return ["id": dot, "context": before]
    case .timestamps:
      objects[call.object].content = [call.input]
      return ["timestamp": .int(Int64(history.count))]
    }
  }

  private static func vector(_ object: Object) -> Value {
    .map(
      object.vector.indices.reduce(into: [:]) { vector, replica in
        vector["n\(replica + 1)"] = .int(object.vector[replica])
      })
  }

  // MARK: Replicas

  private mutating func readEach(_ replica: Int, other: Bool) {
    for object in objects.indices {
      let state = state(object, other: other && object == 0)
      record(-1, .invoke, "local-read", object, .null, node: replica)
      record(-1, .ok, "local-read", object, state, node: replica)
    }
  }

  private mutating func readWhole(_ replica: Int, other: Bool) {
    let states = objects.indices.reduce(into: [:]) { states, object in
      states["\(object)"] = state(object, other: other && object == 0)
    }
    record(-1, .invoke, "local-read", nil, .null, node: replica)
    record(-1, .ok, "local-read", nil, .map(states), node: replica)
  }

  private func state(_ object: Int, other: Bool) -> Value {
    let content = objects[object].content
    switch kind {
    case .counter, .counterSeen: return .int(objects[object].sum + (other ? -1 : 0))
    case .timestamps: return other ? .null : content.last.map { .int($0) } ?? .null
    case .setGrowing, .setPlain, .setByIDs, .setByVectors, .versions:
      return .list((other ? content.dropLast() : content[...]).map { .int($0) })
    }
  }

  private mutating func record(
    _ process: Int32, _ type: EventType, _ function: String, _ object: Int?, _ value: Value, node: Int? = nil
  ) {
    let isKeyed = objects.count > 1
    // The reader of replicas is a client of its own.
    let process = process < 0 ? Int32.max : process
    history.append(
      Event(
        index: 0, time: Int64(history.count) * 1_000, process: ProcessID(process), type: type, function: function,
        value: isKeyed ? object.map { .keyed(.int(Int64($0)), value) } ?? value : value,
        node: node.map { "n\($0 + 1)" }))
  }
}
