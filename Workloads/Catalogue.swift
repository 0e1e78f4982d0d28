/// All workloads, by name.
public enum Catalogue {
  /// In alphabetical order: one line for each file of this module that defines a workload.
  public static let all: [Workload] = [
    .bank, .crdtCounter, .crdtRegister, .crdtSet, .listAppend, .log, .longFork, .partitionedLog, .register, .rwRegister,
    .siblings, .totalQueue, .workQueue, .writeSkew,
  ]

  /// The workload with this name.
  public static func named(_ name: String) -> Workload? { all.first { $0.name == name } }
}
