import Histories

extension HistoryModel {
  /// The models that a history may be of: those that know its functions, what these are invoked with, and what reads
  /// are answered with. More than one where these do not tell; of those that know the claim, if it is given and some do.
  public static func candidates(for history: History, claim: String?) -> [HistoryModel] {
    let traits = HistoryTraits(history)
    let claimed = { (model: HistoryModel) in claim.map { model.claims.contains($0) } ?? true }
    let objects = ModelCatalogue.candidates(for: traits.functions.sorted()).map(object)
      .filter { traits.admits($0.operations) && !(traits.isTransactional && claim == nil) }
    let transactional = TransactionModel.all.filter(traits.admits).map(transactions)
    let invariants = InvariantModel.all
      .filter { model in
        if model.isReplicated { return false }
        let functions = Set(model.operations.map(\.function))
        return traits.functions.isSubset(of: functions) && traits.admits(model.operations)
          && (!traits.isOfLogs || functions.isSuperset(of: HistoryTraits.logMicro))
      }
      .map(invariant)
    // A list is no value that registers of transactions are given one element at a time.
    var fitting = traits.micro.contains("append") || traits.isOfLogs ? transactional : objects + transactional
    if traits.isOfSiblings { fitting = [] }
    // What objects can be decided for in full is not taken for a workload whose invariant says less, unless that is
    // claimed, or is what the field checks of such histories: sets that are read whole. Who has to choose among objects
    // (of queues: in which order) is told of workloads too.
    let isSet = objects.contains { $0.operations.contains { $0.answer == .list } }
    let isOpen = objects.count > 1 || fitting.isEmpty && (!traits.isTransactional || traits.isOfLogs)
    if claim != nil || isSet || isOpen {
      fitting += invariants.filter(claimed)
    }
    // No other model knows replicas that are read by themselves.
    let replicated = traits.replicatedModels.map(invariant)
    if fitting.isEmpty || replicated.contains(where: claimed) && claim != nil { fitting += replicated }
    // A name of two models is most of all the one of its own.
    let known = fitting.filter(claimed)
    let claiming =
      known.isEmpty ? fitting.filter { model in claim.map { model.claim(named: $0) != nil } ?? true } : known
    return claiming.isEmpty ? fitting : claiming
  }

  /// The micro-operations of a history of transactions that no model knows; empty if there are none.
  public static func unknownMicroOperations(of history: History) -> [String] {
    let traits = HistoryTraits(history)
    guard traits.isTransactional else { return [] }
    return traits.micro.subtracting(TransactionModel.all.flatMap(\.microOperations))
      .subtracting(HistoryTraits.logMicro).sorted()
  }
}

/// What the first events of a history show of the model that it may be of.
struct HistoryTraits {
  /// Invocations that are looked at, and answers.
  private static let eventsMax = 2_000

  let functions: Set<String>
  /// Micro-operations of a partitioned log; a poll is given no key.
  static let logMicro: Set<String> = ["send", "poll"]

  /// What the invocations are made of, if every one is a list of micro-operations `[name, key, value]`, or of those of
  /// a partitioned log; else empty.
  private(set) var micro: Set<String> = []

  let values: ValueStore
  /// Whether a removal was answered with what it had observed.
  private(set) var removalsReportContexts = false
  private var invoked: [String: [ValueWord]] = [:]
  /// What came back where nothing was given, without its key.
  private var answers: [String: [ValueWord]] = [:]
  /// Whether a read of a transaction was answered with a list, or with something else.
  private var microAnswers: (lists: Bool, others: Bool) = (false, false)

  init(_ history: History) {
    functions = HistoryModel.functions(of: history)
    values = history.values
    var open: [Int32: ValueWord] = [:]
    var isMicro = true
    for index in (0..<history.count).lazy.filter({ !history.process(at: $0).isNemesis }).prefix(Self.eventsMax) {
      let (word, process) = (history.word(at: index), history.process(at: index).rawValue)
      switch history.type(at: index) {
      case .invoke:
        invoked[history.function(at: index), default: []].append(word)
        open[process] = word
        isMicro = isMicro && note(microOperations: word)
      case .ok:
        note(microAnswers: word)
        note(contextOf: history.function(at: index), word)
        guard let invocation = open.removeValue(forKey: process) else { continue }
        note(answer: word, to: invocation, of: history.function(at: index))
      case .fail, .info: open[process] = nil
      }
    }
    if !isMicro { micro = [] }
  }

  /// What the function was invoked with, as it stands.
  func invoked(_ function: String) -> [ValueWord] { invoked[function] ?? [] }

  /// The same, of one object among many without its key.
  func payloads(_ function: String) -> [ValueWord] { invoked(function).map { values.pair($0)?.1 ?? $0 } }

  /// What the function answered where nothing was given, without its key.
  func answers(_ function: String) -> [ValueWord] { answers[function] ?? [] }

  /// All of its functions are transactions of micro-operations.
  var isTransactional: Bool { functions.isSubset(of: ["txn", ""]) && !micro.isEmpty }

  /// All that is in its transactions is sends and polls.
  var isOfLogs: Bool { isTransactional && micro.isSubset(of: Self.logMicro) }

  func admits(_ model: TransactionModel) -> Bool {
    guard isTransactional, micro.isSubset(of: model.microOperations) else { return false }
    // Transactions that only read are of lists if they found lists.
    if micro.contains("append") || micro.contains("w") || microAnswers == (false, false) { return true }
    return microAnswers.lists == model.microOperations.contains("append")
  }

  /// Whether some invocation of each function has the shape that the operation takes, and some answer the one it gives:
  /// a history with one that has not is for the model to refuse, which says where.
  func admits(_ operations: [CatalogueModel.Operation]) -> Bool {
    operations.allSatisfy { operation in
      let given = invoked[operation.function] ?? []
      let fits = given.contains { word in
        operation.invocation.admits(word, values)
          || values.pair(word).map { operation.invocation.admits($0.1, values) } ?? false
      }
      return (given.isEmpty || fits) && admits(answersTo: operation)
    }
  }

  private func admits(answersTo operation: CatalogueModel.Operation) -> Bool {
    let given = (answers[operation.function] ?? []).filter { !$0.isNull }
    if given.isEmpty { return true }
    switch operation.answer {
    case .any: return true
    case .list: return given.contains { values.list($0) != nil }
    case .element:
      let isKeyed = (invoked[operation.function] ?? []).contains { !$0.isNull }
      // Lists can be elements, if lists went in.
      return given.contains { values.list($0) == nil }
        || invoked.contains { $0.key != operation.function && $0.value.contains { isList($0, keyed: isKeyed) } }
    }
  }

  private func isList(_ word: ValueWord, keyed: Bool) -> Bool {
    guard keyed else { return values.list(word) != nil }
    return values.pair(word).map { values.list($0.1) != nil } ?? false
  }

  // MARK: Collecting

  private mutating func note(answer word: ValueWord, to invocation: ValueWord, of function: String) {
    if invocation.isNull {
      answers[function, default: []].append(word)
    } else if let (_, asked) = values.pair(invocation), asked.isNull, let (_, answer) = values.pair(word) {
      answers[function, default: []].append(answer)
    }
  }

  /// False if the value is no list of micro-operations.
  private mutating func note(microOperations word: ValueWord) -> Bool {
    guard let list = values.list(word) else { return false }
    for word in list {
      guard let parts = values.list(word), let name = parts.first.flatMap({ values.string($0) }),
        parts.count == 3 || name == "poll"
      else { return false }
      micro.insert(name)
    }
    return true
  }

  private mutating func note(contextOf function: String, _ word: ValueWord) {
    guard function == "remove" else { return }
    let answer = values.pair(word)?.1 ?? word
    if answer.isMap, values.value(answer).map?["context"] != nil { removalsReportContexts = true }
  }

  private mutating func note(microAnswers word: ValueWord) {
    for word in values.list(word) ?? [] {
      guard let parts = values.list(word), parts.count == 3, values.string(parts[0]) == "r", !parts[2].isNull else {
        continue
      }
      if values.list(parts[2]) != nil { microAnswers.lists = true } else { microAnswers.others = true }
    }
  }
}
