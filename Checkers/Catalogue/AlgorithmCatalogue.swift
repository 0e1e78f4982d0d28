/// Every algorithm that can decide a history: the `algorithm` of results.
public enum AlgorithmCatalogue {
  /// By claim: polynomial rules first, what decides where none applies last.
  public static let all: [CatalogueName] =
    registersAndSets + containers + locksAndCounters + search + sequential + isolation + invariants

  private static let linearizable = "linearizable"
  private static let ownProof = "the proof is in the code"
  private static let leeMathur = "Lee & Mathur, *Efficient decrease-and-conquer linearizability monitoring*, 2025"

  private static let registersAndSets = [
    CatalogueName(
      name: RegisterZones.name, claim: linearizable,
      summary: "registers whose values have one writer each, with compare-and-set and crashes: O(n)",
      source: "Gibbons & Korach, *Testing shared memories*, 1997, section 4"),
    CatalogueName(
      name: GrowSetLevels.name, claim: linearizable,
      summary: "sets that only grow and are read whole, each element added once: linear in what reads list",
      source: ownProof),
    CatalogueName(
      name: SetObjectElements.name, claim: linearizable,
      summary: "sets whose elements are added once and removed once at most: O(n), element by element",
      source: "Herlihy & Wing, *Linearizability*, 1990, theorem 1; LiMo, *Efficient linearizability monitoring*"),
    CatalogueName(
      name: AppendLogSlots.name, claim: linearizable,
      summary: "logs whose reads show the order of everything: linear in what reads list", source: ownProof),
  ]

  private static let containers = [
    CatalogueName(
      name: FIFORule.name, claim: linearizable,
      summary: "FIFO queues with every value enqueued once: O(n)",
      source: "Henzinger, Sezgin & Vafeiadis, *Aspect-oriented linearizability proofs*, 2013"),
    CatalogueName(
      name: UnorderedQueueRule.name, claim: linearizable,
      summary: "queues in no order with every value enqueued once: O(n)", source: ownProof),
    CatalogueName(
      name: UnorderedQueueRule.countingName, claim: linearizable,
      summary: "queues in no order where no dequeue found nothing, values at will: O(n)", source: ownProof),
    CatalogueName(
      name: StackRule.name, claim: linearizable, summary: "stacks with every value pushed once: O(n log n)",
      source: leeMathur),
    CatalogueName(
      name: PriorityQueueRule.name, claim: linearizable,
      summary: "priority queues with every value inserted once: O(n log n)", source: leeMathur),
  ]

  private static let locksAndCounters = [
    CatalogueName(
      name: LockRule.name, claim: linearizable,
      summary: "mutexes and semaphores: never more holds at one time than there are permits, O(n)", source: ownProof),
    CatalogueName(
      name: FencedLockRule.name, claim: linearizable,
      summary: "locks with growing tokens, which say in which order everything happened: O(n log n)",
      source: ownProof),
    CatalogueName(
      name: CounterSlots.name, claim: linearizable, summary: "counters that grow by one amount: O(n log n)",
      source: "Mendelsohn & Dulmage, *Some generalizations of the problem of distinct representatives*, 1958"),
    CatalogueName(
      name: CounterBounds.name, claim: linearizable,
      summary:
        "counters with any amounts, where a read lies outside of what can have been added: O(n), violations only",
      source: ownProof),
  ]

  private static let search = [
    CatalogueName(
      name: LinearizabilityChecker.algorithm, claim: linearizable,
      summary:
        "any model: a search that orders operations as late as possible, crashed ones by the number of their kind",
      source: "Lowe, *Testing for linearizability*, 2017; Wing & Gong, 1993")
  ]

  private static let isolation = [
    CatalogueName(
      name: ListAppendChecker.algorithm, claim: "isolation",
      summary:
        "lists that are appended to, where reads tell the order of versions: cycles of dependencies, level by level",
      source: "Adya, *Weak consistency*, 1999; Kingsbury & Alvaro, *Elle*, 2020; [isolation.md](isolation.md)"),
    CatalogueName(
      name: RWRegisterChecker.algorithm, claim: "isolation",
      summary:
        "registers of transactions, where reads do not tell the order of versions: what must come before what, a guess"
        + " that is verified, and a search where neither decides",
      source: "Tan et al., *Cobra*, 2020; Huang et al., *PolySI*, 2023; [isolation.md](isolation.md)"),
  ]

  private static let invariants = [
    (BankChecker.algorithm, "bank", "every read of all accounts has the same total: linear in what reads list"),
    (LongForkChecker.algorithm, "long-fork", "the reads of a group, by what they saw, are a chain: O(n log n)"),
    (
      CausalReverseChecker.algorithm, "causal-reverse",
      "what was acknowledged before a write that was seen began, was seen too: linear in what reads list"
    ),
    (
      SetFullChecker.algorithm, "set-full",
      "lost, late, doubled or from nowhere, for each element: linear in what reads list"
    ),
    (InsertPairChecker.algorithm, "adya-g2", "at most one of two inserts took place: O(n)"),
    (
      TotalQueueChecker.algorithm, "total-queue",
      "every message was put in, came out, and came out once, in its producer's order: linear in what came out"
    ),
    (
      WorkQueueChecker.algorithm, "work-queue",
      "the same, and nobody got a message that was acknowledged or that another held: O(n log n)"
    ),
    (
      PartitionedLogChecker.algorithm, "partitioned-log",
      "what producers and consumers saw is one order of each partition: linear in what was sent and polled"
    ),
    (
      ReplicatedLogChecker.algorithm, "replicated-log",
      "an index has one value, on any replica and for good: linear in what reads show"
    ),
    (UniqueIDChecker.algorithm, "unique-ids", "no id was given out twice: O(n)"),
    (
      ConvergenceChecker.algorithm, "crdt-*",
      "replicas read directly, after all updates and faults, are equal and a merge of what was acknowledged: linear in"
        + " what operations list; sums of unacknowledged amounts within a budget"
    ),
    (
      SiblingsChecker.algorithm, "siblings",
      "what no context of an applied put covers is shown, and nothing else: linear in what gets list"
    ),
  ].map { name, model, summary in
    CatalogueName(name: name, claim: model, summary: summary, source: ownProof)
  }

  private static let sequential = SequentialDecider.Way.allCases.map { way in
    let (summary, source) =
      switch way {
      case .linearizations:
        (
          "every object is linearizable, so all of them together are sequentially consistent; valid histories only",
          "Herlihy & Wing, *Linearizability*, 1990, theorem 1"
        )
      case .constraints:
        (
          "what must come before what, where values tell what was seen, until nothing more follows",
          "Gibbons & Korach, 1997; Roy et al., *Fast and generalized polynomial time memory consistency verification*, 2006"
        )
      case .updateOrders:
        ("the same, where pairs of updates are left open: each is tried in both orders", ownProof)
      case .positions:
        (
          "any model: a search over how far each process has got and the state of every object",
          "Lamport, 1979, for the definition; \(ownProof)"
        )
      }
    return CatalogueName(
      name: way.rawValue, claim: SequentialCounterexample.claim, summary: summary, source: source)
  }
}
