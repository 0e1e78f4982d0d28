/// Every way in which a checker of histories can find a claim broken: the `anomaly` of findings and counterexamples.
public enum AnomalyCatalogue {
  /// By claim, from the most to the least specific: a finding carries the first that certainly is the case.
  public static let all: [CatalogueName] =
    AnomalyName.allCases.map(name(of:)) + SequentialCounterexample.Anomaly.allCases.map(name(of:))
    + TransactionAnomaly.allCases.map(name(of:)) + InvariantAnomaly.allCases.map(name(of:))

  private static func name(of anomaly: AnomalyName) -> CatalogueName {
    CatalogueName(name: anomaly.rawValue, claim: "linearizable", summary: anomaly.meaning, source: source(of: anomaly))
  }

  private static func source(of anomaly: AnomalyName) -> String {
    switch anomaly {
    case .staleRead: "Gibbons & Korach, *Testing shared memories*, 1997"
    case .newOldInversion: "Lamport, *On interprocess communication*, 1986: what tells atomic from regular registers"
    case .abortedRead: "Adya, *Weak consistency*, 1999: G1a"
    case .thinAirRead: "Manson, Pugh & Adve, *The Java memory model*, 2005: values out of thin air"
    case .lostUpdate: "Berenson et al., *A critique of ANSI SQL isolation levels*, 1995: P4"
    case .phantom, .duplicateRemoval, .lostElement, .outOfOrder, .falseEmpty:
      "Henzinger, Sezgin & Vafeiadis, *Aspect-oriented linearizability proofs*, 2013"
    case .duplicateElement, .incomparableReads, .conflictingEntries, .outOfBounds, .doubleGrant, .releaseWhileFree:
      "the model's definition in Docs/checkers.md"
    case .tokenNotIncreasing, .staleToken: "Kleppmann, *How to do distributed locking*, 2016: fencing tokens"
    case .nonlinearizable: "Herlihy & Wing, *Linearizability*, 1990"
    }
  }

  private static func name(of anomaly: InvariantAnomaly) -> CatalogueName {
    CatalogueName(name: anomaly.rawValue, claim: "invariants", summary: anomaly.meaning, source: anomaly.source)
  }

  private static func name(of anomaly: TransactionAnomaly) -> CatalogueName {
    CatalogueName(name: anomaly.rawValue, claim: "isolation", summary: anomaly.meaning, source: anomaly.source)
  }

  private static func name(of anomaly: SequentialCounterexample.Anomaly) -> CatalogueName {
    let (summary, source) =
      switch anomaly {
      case .cycle:
        (
          "operations in a circle, each of which must come before the next",
          "Gibbons & Korach, *Testing shared memories*, 1997"
        )
      case .thinAirRead:
        (
          "a state was seen that no operation leaves",
          "Manson, Pugh & Adve, *The Java memory model*, 2005: values out of thin air"
        )
      case .nonsequential:
        (
          "no order of all operations, of all keys, explains what was seen and keeps the order of each process",
          "Lamport, *How to make a multiprocessor computer that correctly executes multiprocess programs*, 1979"
        )
      }
    return CatalogueName(
      name: anomaly.rawValue, claim: SequentialCounterexample.claim, summary: summary, source: source)
  }
}
