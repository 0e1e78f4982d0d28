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
}
