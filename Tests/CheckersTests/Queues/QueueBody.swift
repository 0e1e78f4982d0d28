import Generators
import Histories

/// Histories of some dozens of operations by several clients that keep every promise; what puts something in may fail
/// or be of unknown outcome, and the last operation looks at everything, alone.
enum QueueBody: Sendable {
  case total, work, log, replicated, ids
  /// As `work`, where all that is lent is acknowledged.
  case acked

  func events(_ random: inout RandomStream) -> [Event] {
    var simulation = Simulation(body: self, random: random)
    let events = simulation.run()
    random = simulation.random
    return events
  }

  private struct Simulation {
    let body: QueueBody
    var random: RandomStream
    private var events: [Event] = []
    /// What is in the queue or the log.
    private var content: [Value] = []
    /// Lent messages, and the next one to poll of each client.
    private var lent: [Int: [Value]] = [:]
    private var polled: [Int: Int] = [:]
    private var next: Int64 = 0

    init(body: QueueBody, random: RandomStream) { (self.body, self.random) = (body, random) }

    mutating func run() -> [Event] {
      var processes = (0..<4).map { $0 }
      var fresh = 4
      var open: [(client: Int, function: String, input: Value)] = []
      for _ in 0..<80 {
        let client = random.below(processes.count)
        if let place = open.firstIndex(where: { $0.client == client }) {
          let (_, function, input) = open.remove(at: place)
          if complete(processes[client], function, input) == .info {
            (processes[client], fresh) = (fresh, fresh + 1)
          }
        } else {
          let (function, input) = operation(processes[client])
          record(processes[client], .invoke, function, input)
          open.append((client, function, input))
        }
      }
      for (client, function, input) in open { _ = complete(processes[client], function, input) }
      for id in body == .acked ? lent.sorted(by: { $0.key < $1.key }).flatMap(\.value) : [] {
        record(fresh, .invoke, "ack", id)
        record(fresh, .ok, "ack", id)
      }
      let last = body == .replicated ? "read-all" : body == .log ? "poll" : body == .ids ? "generate" : "drain"
      record(fresh, .invoke, last, keyed(.null))
      _ = complete(fresh, last, keyed(.null), isLast: true)
      return events
    }

    /// Values are of keys where the history has some.
    private func keyed(_ value: Value) -> Value { body == .replicated ? ["a", value] : value }

    private mutating func operation(_ process: Int) -> (String, Value) {
      next += 1
      let isTaking = random.below(2) == 0
      switch body {
      case .total: return isTaking ? ("dequeue", .null) : ("enqueue", .int(next))
      case .work, .acked:
        if let id = lent[process]?.popLast() {
          return (body == .work && random.below(4) == 0 ? "nack" : "ack", id)
        }
        return isTaking ? ("receive", .null) : ("enqueue", .int(next))
      case .log: return isTaking ? ("poll", .null) : ("send", [0, .int(next)])
      case .replicated: return isTaking ? ("read", keyed([0, 99])) : ("append", keyed(.int(next)))
      case .ids: return ("generate", .null)
      }
    }

    private mutating func complete(
      _ process: Int, _ function: String, _ input: Value, isLast: Bool = false
    ) -> EventType {
      let isPutting = ["enqueue", "send", "append"].contains(function)
      let type: EventType = !isPutting ? .ok : [.ok, .ok, .ok, .ok, .ok, .ok, .fail, .info][random.below(8)]
      if isPutting, type == .ok || type == .info && random.below(2) == 0 { put(input) }
      record(process, type, function, type == .ok ? answer(process, function, input, isLast) : input)
      return type
    }

    private mutating func put(_ input: Value) {
      switch body {
      case .log, .replicated: content.append(input.list?[1] ?? input)
      default: content.append(input)
      }
    }

    private func entries(from start: Int) -> Value {
      .list((start..<content.count).map { [.int(Int64($0)), content[$0]] })
    }

    private mutating func answer(_ process: Int, _ function: String, _ input: Value, _ isLast: Bool) -> Value {
      switch function {
      case "dequeue": return content.isEmpty ? .null : content.removeFirst()
      case "receive":
        if content.isEmpty { return .null }
        let value = content.removeFirst()
        lent[process, default: []].append(value)
        return ["id": value, "value": value, "attempt": 0]
      case "drain":
        defer { content = [] }
        return .list(content)
      case "send": return [0, [.int(Int64(content.count - 1)), input.list?[1] ?? .null]]
      case "append": return keyed([.int(Int64(content.count - 1)), input.list?[1] ?? .null])
      case "poll":
        let start = polled[process] ?? 0
        polled[process] = content.count
        return start == content.count ? [:] : ["0": entries(from: start)]
      case "read", "read-all": return keyed(entries(from: 0))
      case "generate":
        next += 1
        return .int(next)
      default: return input
      }
    }

    private mutating func record(_ process: Int, _ type: EventType, _ function: String, _ value: Value) {
      events.append(
        Event(
          index: events.count, time: 0, process: ProcessID(Int32(process)), type: type, function: function,
          value: value))
    }
  }
}
