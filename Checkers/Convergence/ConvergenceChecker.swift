import Histories

/// Decides whether the replicas of an object have become equal, and equal to a merge that its specification allows.
///
/// Strong eventual consistency (Shapiro et al., "Conflict-free replicated data types", 2011): replicas that have
/// received the same updates are in the same state. When all is healed and quiet every replica has received every
/// update, so each, **read directly** (`local-read`, whose event names the `node`), must show the same; and that must
/// be a merge of every acknowledged update, any of those of unknown outcome, and none that failed. `Quiescence` says
/// which reads count, `FinalStates` which replicas must be among them: without the last states of two replicas or
/// more, and of all that anybody read, nothing is valid. A node that refuses with `notAReplica` is none, unless it is
/// asked again and does not.
///
/// What a merge is (`ReplicatedType`) can depend on what an update had observed or on its timestamp, which the system
/// reports beside the value, in the invocation or the completion: `{"value": v, "id": i, "context": [ids],
/// "timestamp": t}`. An acknowledged update that does not say it leaves `unknown` whatever depends on it. So:
/// **invalid** if no possible contexts and timestamps of acknowledged updates make a merge of what is there,
/// **valid** if all do, each with some choice of outcomes, and of contexts and timestamps, for the updates of unknown
/// outcome.
///
/// Every other read must not show what nobody had begun to write when it ended, nor an element twice, and where it
/// names what it has seen (`{"value": v, "visible": [ids]}`) it must show what these make (Burckhardt et al.,
/// "Replicated data types: specification, verification, optimality", 2014). It need not show anything else: nothing
/// is said of when an update becomes visible. One that names operations of which nobody knows which they are, or what
/// they had observed, may be right or wrong: then nothing is valid.
///
/// Ids are scalars or dots, and sets of them may be version vectors (`OperationIDs`).
public enum ConvergenceChecker {
  /// Recorded in the result.
  public static let algorithm = "equal replicas, equal to a merge"

  public struct Options: Hashable, Sendable {
    /// It is claimed that an update observes every update that was acknowledged before it began, and has a greater
    /// timestamp: true of systems whose updates read from a majority, not of replicas that take updates by themselves.
    /// What updates report is held against it (`missed-update`), what they do not report is taken to be so.
    public var observesAcknowledged: Bool
    /// How long after the last update and the last fault a read must begin to be final, in nanoseconds; nil where
    /// nobody says: then updates of unknown outcome may take effect between the last reads (`LateArrivals`).
    public var quiescenceNanoseconds: Int64?
    /// The budget of the one question that is NP-hard, whether amounts of unknown outcome add up to what is missing:
    /// words of 64 sums looked at, for each object.
    public var sumStepsMax: Int

    public init(observesAcknowledged: Bool = false, quiescenceNanoseconds: Int64? = nil, sumStepsMax: Int = 1 << 26) {
      (self.observesAcknowledged, self.quiescenceNanoseconds) = (observesAcknowledged, quiescenceNanoseconds)
      self.sumStepsMax = sumStepsMax
    }
  }

  /// Each object of a keyed history is decided by itself. Time is linear in what operations list, but for the sums of
  /// counters.
  ///
  /// - Throws: `PairingError`; `MalformedHistory` for the first operation of another function or shape, and for an id
  ///   that two operations have.
  public static func report(
    _ history: History, _ type: ReplicatedType, _ options: Options = Options()
  ) throws -> InvariantReport {
    let rows = try Operations(history)
    var judge = ConvergenceJudge(rows, options)
    try history.values.withLists { lists throws(MalformedHistory) in
      let fields = UpdateFields(history.values, lists)
      try rows.forEachObject { key, positions throws(MalformedHistory) in
        try judge.decide(rows, positions, key: key, type, fields, lists)
      }
    }
    return judge.report(checker: type.modelName)
  }

  /// The `error` of a `local-read` that a node refuses because it holds no copy of the object.
  public static let notAReplica = "not-a-replica"

  /// The `--model` of histories of a map.
  public static let mapName = "crdt-map"

  /// Decides a map whose values are replicated objects, key by key.
  ///
  /// What an object is its functions tell: increments and decrements make a PN-counter, additions and removals an
  /// OR-set, writes an MV-register if a read of the key is a list, else an LWW-register. Operations are on one key,
  /// `[k, v]`; a read without a key returns the states of all, `{k: state}`, in which a key that nobody has changed
  /// may be missing.
  ///
  /// - Throws: `PairingError`; `MalformedHistory`, as for one object, and for a key with functions of several types.
  public static func mapReport(_ history: History, _ options: Options = Options()) throws -> InvariantReport {
    let rows = try Operations(history.splittingKeys())
    var judge = ConvergenceJudge(rows, options)
    try rows.history.values.withLists { lists throws(MalformedHistory) in
      let map = try MapHistory(rows, lists)
      map.reportStrangers(&judge.log)
      try map.forEachObject { object in judge.decide(object) }
    }
    return judge.report(checker: mapName)
  }
}
