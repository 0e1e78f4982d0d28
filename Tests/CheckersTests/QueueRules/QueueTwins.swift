import Histories

/// The specifications of the containers and locks, written down once more.
enum Twins {
  /// What a removal that answered may leave, and what one of unknown answer may.
  private static func container(
    _ insertion: String, removing: @escaping ([Int64]) -> [Int]
  ) -> Twin<[Int64]> {
    Twin(initial: []) { state, operation in
      if operation.f == insertion { return operation.input.int.map { [state + [$0]] } ?? [] }
      let places = removing(state)
      let left = places.map { place in
        var next = state
        next.remove(at: place)
        return next
      }
      if !operation.isAnswered { return left + [state] }
      guard let answer = operation.output.int else { return state.isEmpty ? [state] : [] }
      return zip(places, left).filter { state[$0.0] == answer }.map(\.1)
    }
  }

  static var fifo: Twin<[Int64]> { container("enqueue") { $0.isEmpty ? [] : [0] } }
  static var stack: Twin<[Int64]> { container("push") { $0.isEmpty ? [] : [$0.count - 1] } }
  static var priority: Twin<[Int64]> {
    sorted(container("insert") { state in state.min().flatMap { state.firstIndex(of: $0) }.map { [$0] } ?? [] })
  }
  static var bag: Twin<[Int64]> { sorted(container("enqueue") { Array($0.indices) }) }

  /// Contents sorted, so that equal ones are one state.
  private static func sorted(_ twin: Twin<[Int64]>) -> Twin<[Int64]> {
    Twin(initial: []) { state, operation in twin.steps(state, operation).map { $0.sorted() } }
  }

  static func semaphore(permits: Int, owned: Bool) -> Twin<[Int64]> {
    Twin(initial: []) { holders, operation in
      let me = owned ? Int64(operation.process) : 0
      if operation.f == "acquire" { return holders.count < permits ? [(holders + [me]).sorted()] : [] }
      var next = holders
      guard let place = next.firstIndex(of: me) else { return [] }
      next.remove(at: place)
      return [next]
    }
  }

  /// [holder, greatest token handed out, greatest that wrote], 0 for none.
  static func fencedLock(leased: Bool) -> Twin<[Int64]> {
    Twin(initial: [0, 0, 0]) { state, operation in
      let (holder, issued, written) = (state[0], state[1], state[2])
      switch operation.f {
      case "acquire":
        if holder != 0, !leased { return [] }
        // Tokens of made-up histories are below 30.
        let tokens = operation.isAnswered ? [operation.output.int ?? 0] : Array(issued + 1..<max(issued + 1, 30))
        return tokens.filter { $0 > issued }.map { [$0, $0, written] }
      case "release": return holder == operation.input.int ? [[0, issued, written]] : []
      default:
        guard let token = operation.input.list?.first?.int, token >= written else { return [] }
        return [[holder, issued, token]]
      }
    }
  }

  static func kv(initial: Value) -> Twin<Value> {
    Twin(initial: initial) { state, operation in
      switch operation.f {
      case "get": return !operation.isAnswered || operation.output == state ? [state] : []
      case "put": return [operation.input]
      default: return [.string((state.string ?? "") + (operation.input.string ?? ""))]
      }
    }
  }

  static func multiRegister(initial: [String: Value]) -> Twin<[String: Value]> {
    Twin(initial: initial) { state, operation in
      var next = state
      for part in (operation.isAnswered ? operation.output : operation.input).list ?? [] {
        guard let words = part.list, let key = words[1].string else { return [] }
        if words[0].string?.first == "w" {
          next[key] = words[2].isNull ? nil : words[2]
        } else if operation.isAnswered, next[key] ?? .null != words[2] {
          return []
        }
      }
      return [next]
    }
  }
}
