import Histories

/// Why one transaction of a list-append history comes before another, in words.
struct ListExplanation {
  private let dependencies: ListDependencies

  init(_ dependencies: ListDependencies) { self.dependencies = dependencies }

  private var transactions: Transactions { dependencies.transactions }
  private var versions: ListVersions { dependencies.versions }
  private func text(_ value: ValueWord) -> String { transactions.history.values.value(value).json }
  private func key(_ key: UInt32) -> String { transactions.key(key).json }

  /// The anomaly that the cycle is.
  func anomaly(_ cycle: TransactionCycle) -> IsolationReport.Anomaly {
    let nodes = cycle.steps.map(\.source)
    let steps = cycle.steps.enumerated().map { place, link in
      step(link, place, (place + 1) % cycle.steps.count)
    }
    let name = cycle.name
    return IsolationReport.Anomaly(
      name: name,
      summary: "\(name): \(IsolationReport.circle(of: nodes.count))",
      transactions: nodes.map { Int(transactions.invocations[Int(dependencies.committed[Int($0)])]) }, steps: steps)
  }

  private func step(_ step: TransactionCycle.Step, _ source: Int, _ target: Int) -> IsolationReport.Step {
    .init(step.link, from: source, to: target) { kind, from, to in
      let (key, reason) = dependency(kind, step.source, step.target, from, to)
      return (key.map { transactions.key($0) }, reason)
    }
  }

  private func dependency(
    _ kind: TransactionGraph.Kind, _ source: UInt32, _ target: UInt32, _ from: String, _ to: String
  ) -> (key: UInt32?, reason: String) {
    switch kind {
    case .writeWrite: writeWrite(source, target, from, to)
    case .writeRead: writeRead(source, target, from, to)
    case .readWrite: readWrite(source, target, from, to)
    }
  }

  private func micro(_ node: UInt32) -> Range<Int> { transactions.micro(Int(dependencies.committed[Int(node)])) }

  private func writer(_ key: UInt32, _ position: Int) -> UInt32 {
    let append = versions.firstWriter(key, position)
    guard append != ListVersions.none else { return TransactionGraph.none }
    return dependencies.nodes[Int(transactions.operations[Int(append)].transaction)]
  }

  private func writeWrite(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String
  ) -> (key: UInt32?, reason: String) {
    for place in micro(target) where transactions.operations[place].kind == .write {
      if versions.shownElsewhere.contains(UInt32(place)), versions.positions[place] == ListVersions.none { continue }
      let append = transactions.operations[place]
      let position =
        versions.positions[place] == ListVersions.none ? versions.count(append.key) : Int(versions.positions[place])
      let before = (0..<position).last {
        writer(append.key, $0) != TransactionGraph.none && writer(append.key, $0) != target
      }
      guard let before, writer(append.key, before) == source else { continue }
      let earlier = transactions.operations[Int(versions.firstWriter(append.key, before))].value
      let seen = versions.positions[place] == ListVersions.none ? ", which no read shows yet" : ""
      return (
        append.key,
        "\(from) appended \(text(earlier)) to key \(key(append.key)) right before \(to) appended \(text(append.value))\(seen)"
      )
    }
    return writeBefore(source, target, from, to)
  }

  private func isCertain(_ node: UInt32) -> Bool {
    node != TransactionGraph.none
      && transactions.completions[Int(dependencies.committed[Int(node)])] != Transactions.never
  }

  /// The same with others in between, whose transactions may not have committed.
  private func writeBefore(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String
  ) -> (key: UInt32?, reason: String) {
    for place in micro(target) where transactions.operations[place].kind == .write {
      let append = transactions.operations[place]
      let end = min(Int(versions.positions[place]), versions.count(append.key))
      let before = (0..<end).last {
        let writer = writer(append.key, $0)
        return writer != target && isCertain(writer)
      }
      guard let before, writer(append.key, before) == source else { continue }
      let earlier = transactions.operations[Int(versions.firstWriter(append.key, before))].value
      return (
        append.key,
        "\(from) appended \(text(earlier)) to key \(key(append.key)) before \(to) appended \(text(append.value))"
      )
    }
    return (nil, "\(to) wrote after \(from)")
  }

  private func writeRead(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String
  ) -> (key: UInt32?, reason: String) {
    for place in micro(target) where transactions.operations[place].isKnown {
      let (read, length) = (transactions.operations[place], versions.lengths[place])
      guard length != ListVersions.none, length > 0, writer(read.key, Int(length) - 1) == source else { continue }
      let element = transactions.operations[Int(versions.firstWriter(read.key, Int(length) - 1))].value
      return (read.key, "\(to) read key \(key(read.key)) up to \(text(element)), which \(from) appended")
    }
    return (nil, "\(to) read what \(from) wrote")
  }

  private func readWrite(
    _ source: UInt32, _ target: UInt32, _ from: String, _ to: String
  ) -> (key: UInt32?, reason: String) {
    for place in micro(source) where transactions.operations[place].isKnown {
      let (read, length) = (transactions.operations[place], versions.lengths[place])
      guard length != ListVersions.none else { continue }
      guard let element = element(of: target, read.key, Int(length)) else { continue }
      return (
        read.key,
        "\(from) read key \(key(read.key)) as \(text(read.value)), without \(text(element)), which \(to) appended"
      )
    }
    return (nil, "\(from) read what \(to) replaced")
  }

  /// The first element of the node at or after this position of the key, or one that no read shows.
  private func element(of node: UInt32, _ key: UInt32, _ position: Int) -> ValueWord? {
    for place in position..<max(position, versions.count(key)) where writer(key, place) == node {
      return transactions.operations[Int(versions.firstWriter(key, place))].value
    }
    return micro(node).first {
      let operation = transactions.operations[$0]
      return operation.kind == .write && operation.key == key && versions.positions[$0] == ListVersions.none
    }.map { transactions.operations[$0].value }
  }
}
