import Checkers
import Histories

/// The verdicts on a small history of one key with siblings by their definitions: every set of puts that may have
/// happened is merged, for every context that may be behind a text that no get had returned.
struct SiblingsTwin {
  private struct Put {
    /// Null for a deletion.
    var value: Value
    var isOK: Bool
    var begin: Int
    var end: Int
    /// Numbers of puts; nil where nobody knows.
    var context: Set<Int>?
  }

  private var puts: [Put] = []
  private var gets: [TwinCall] = []
  /// The last get through whoever answers, and the last of each replica that somebody tried to read; nil for those that
  /// are not final, or were not answered.
  private var finals: [TwinCall?] = []

  init(_ events: [Event]) {
    let calls = TwinCall.all(in: events.filter { !$0.process.isNemesis })
    gets = calls.filter { $0.function.hasSuffix("get") && $0.isOK }
    let alive = calls.filter { $0.function == "put" && $0.type != .fail }
    puts = alive.map { call in
      Put(
        value: call.input.map?["value"] ?? .null, isOK: call.isOK, begin: call.begin, end: call.isOK ? call.end : .max,
        context: nil)
    }
    for (number, call) in alive.enumerated() {
      let context = call.input.map?["context"] ?? .null
      let sources = gets.filter { $0.end < call.begin && $0.output.map?["context"] == context }
      if context != .null, sources.isEmpty { continue }
      let seen = context == .null ? [] : sources.flatMap { get in Self.values(get).map { ($0, get.end) } }
      puts[number].context = Set(
        puts.indices.filter { place in seen.contains { $0.0 == puts[place].value && puts[place].begin < $0.1 } })
    }
    let ends = calls.filter { $0.function == "put" && $0.type != .fail }.map(\.end)
    let quiet = max(ends.max() ?? -1, events.last { $0.process.isNemesis }?.index ?? -1)
    finals = [gets.last { $0.function == "get" && $0.begin > quiet }]
    let reads = calls.filter { $0.function == "local-get" }
    for node in Set(reads.compactMap { events[$0.begin].node }) {
      guard let read = reads.last(where: { events[$0.begin].node == node }) else { continue }
      let error = events.first { $0.index == read.end }?.error
      if read.type == .fail, error == ConvergenceChecker.notAReplica { continue }
      finals.append(read.isOK && read.begin > quiet ? read : nil)
    }
  }

  var replicas: Int { finals.count - 1 }

  private static func values(_ get: TwinCall) -> [Value] {
    get.output.map?["values"]?.list?.filter { $0 != .null } ?? []
  }

  // MARK: Every get

  var isUnwritten: Bool {
    gets.contains { get in
      Self.values(get).contains { value in !puts.contains { $0.value == value && $0.begin < get.end } }
    }
  }

  var hasFalseConflict: Bool {
    gets.contains { get in
      let shown = puts.indices.filter { Self.values(get).contains(puts[$0].value) && puts[$0].begin < get.end }
      return shown.contains { above in shown.contains { below(above).contains($0) } }
    }
  }

  private func below(_ number: Int) -> Set<Int> {
    (puts[number].context ?? []).reduce(into: Set()) { $0.formUnion(below($1).union([$1])) }
  }

  // MARK: The last gets

  /// What can be said of a claim: of all merges, or of those of the puts that are shown. Each of the last gets is held to
  /// it by itself.
  func verdict(_ claim: SiblingsChecker.Claim) -> Verdict {
    if isUnwritten || claim == .noResurrection && hasFalseConflict { return .invalid }
    if puts.isEmpty { return .unknown }
    let verdicts = finals.map { $0.map { verdict(claim, of: $0) } ?? .unknown }
    return [.invalid, .unknown].first(where: verdicts.contains) ?? .valid
  }

  private func verdict(_ claim: SiblingsChecker.Claim, of last: TwinCall) -> Verdict {
    let shown = Set(Self.values(last))
    var worlds: [Bool] = []
    forEachWorld { contexts in worlds.append(isPossible(shown, contexts, claim)) }
    return worlds.allSatisfy { $0 } ? .valid : worlds.contains(true) ? .unknown : .invalid
  }

  /// Every context of acknowledged puts whose context nobody knows.
  private func forEachWorld(_ body: ([Int: Set<Int>]) -> Void) {
    choose(puts.indices.filter { puts[$0].isOK && puts[$0].context == nil }, [:]) { chosen in
      var all = chosen
      for place in puts.indices where puts[place].context != nil { all[place] = puts[place].context }
      if isOrder(all) { body(all) }
    }
  }

  /// Every context of each of these puts, beside what is there already.
  private func choose(_ left: [Int], _ chosen: [Int: Set<Int>], _ body: ([Int: Set<Int>]) -> Void) {
    guard let first = left.first else { return body(chosen) }
    let candidates = puts.indices.filter { $0 != first && puts[$0].begin < puts[first].end }
    for context in Self.subsets(candidates) {
      choose(Array(left.dropFirst()), chosen.merging([first: context]) { $1 }, body)
    }
  }

  private static func subsets(_ some: [Int]) -> [Set<Int>] {
    some.reduce([[]]) { sets, next in sets + sets.map { $0.union([next]) } }
  }

  /// No circle, and no chain to a put that began after the first of the chain had ended.
  private func isOrder(_ contexts: [Int: Set<Int>]) -> Bool {
    contexts.allSatisfy { number, context in
      var (below, open) = (context, Array(context))
      while let next = open.popLast() {
        if next == number || puts[next].begin > puts[number].end { return false }
        for other in contexts[next] ?? [] where below.insert(other).inserted { open.append(other) }
      }
      return true
    }
  }

  private func closure(_ number: Int, _ contexts: [Int: Set<Int>]) -> Set<Int> {
    (contexts[number] ?? []).reduce(into: Set()) { $0.formUnion(closure($1, contexts).union([$1])) }
  }

  private func isPossible(_ shown: Set<Value>, _ reported: [Int: Set<Int>], _ claim: SiblingsChecker.Claim) -> Bool {
    let certain = puts.indices.filter { puts[$0].isOK }
    for some in Self.subsets(puts.indices.filter { !puts[$0].isOK }) {
      var isFound = false
      let all = some.union(certain)
      choose(some.filter { puts[$0].context == nil }.sorted(), reported) { contexts in
        let here = contexts.filter { all.contains($0.key) }
        let observed = here.values.reduce(into: Set<Int>()) { $0.formUnion($1) }
        guard !isFound, observed.isSubset(of: all), isOrder(here) else { return }
        // A deletion of what is shown is taken not to have happened, unless somebody saw it.
        let seen = all.filter { puts[$0].isOK || shown.contains(puts[$0].value) }
          .reduce(into: Set<Int>()) { $0.formUnion(closure($1, here)) }
        let isContradicted = some.subtracting(seen).contains { number in
          puts[number].value == .null && closure(number, here).contains { shown.contains(puts[$0].value) }
        }
        if isContradicted { return }
        let maximal = Set(all.subtracting(observed).map { puts[$0].value }).subtracting([.null])
        let visible = Set(all.map { puts[$0].value })
        isFound =
          switch claim {
          case .noLostUpdates: maximal.isSubset(of: shown) && shown.isSubset(of: visible)
          case .noResurrection: shown.isSubset(of: maximal)
          }
      }
      if isFound { return true }
    }
    return false
  }
}
