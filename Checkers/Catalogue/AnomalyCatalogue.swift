/// Every way in which a checker of histories can find a claim broken: the `anomaly` of findings and counterexamples.
public enum AnomalyCatalogue {
  /// By claim, from the most to the least specific: a finding carries the first that certainly is the case.
  public static let all: [CatalogueName] =
    Explanation.Anomaly.allCases.map(name(of:)) + SequentialCounterexample.Anomaly.allCases.map(name(of:))

  private static func name(of anomaly: Explanation.Anomaly) -> CatalogueName {
    let (summary, source) =
      switch anomaly {
      case .staleRead:
        (
          "a state was seen after another had certainly replaced it, and nobody had restored it",
          "Gibbons & Korach, *Testing shared memories*, 1997"
        )
      case .abortedRead:
        ("a state was seen that only failed operations leave", "Adya, *Weak consistency*, 1999: G1a")
      case .thinAirRead:
        (
          "a state was seen that no operation leaves",
          "Manson, Pugh & Adve, *The Java memory model*, 2005: values out of thin air"
        )
      case .nonlinearizable:
        (
          "no order of the operations explains what was seen and keeps real time",
          "Herlihy & Wing, *Linearizability*, 1990"
        )
      }
    return CatalogueName(name: anomaly.rawValue, claim: "linearizable", summary: summary, source: source)
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
