import Nemesis
import Workloads

/// The names that plans may use: the catalogues, passed in so that decoding stays a pure function.
public struct PlanCatalogue: Sendable {
  public var workloads: [Workload]
  public var faults: [FaultPackage]

  /// Claims that every run can check, whatever its workload; both are on by default (DESIGN 3).
  public static let commonClaims = ["recovers", "no-panic"]

  public init(workloads: [Workload], faults: [FaultPackage]) {
    self.workloads = workloads
    self.faults = faults
  }

  /// All that Faultline has.
  public static let standard = PlanCatalogue(workloads: Catalogue.all, faults: FaultCatalogue.all)
}
