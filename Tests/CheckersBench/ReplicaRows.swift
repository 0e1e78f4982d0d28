import Checkers
import Histories

extension WorkloadRow {
  /// Replicated objects, each as it should be, and with one replica that differs or one value that is gone.
  static func replicas(quick: Bool) -> [WorkloadRow] {
    let count = quick ? 10_000 : 1_000_000
    let kinds: [(String, String, ReplicaLoad.Kind, Int)] = [
      ("one counter", "crdt-pn-counter", .counter, 1),
      ("one counter, reads with version vectors", "crdt-g-counter", .counterSeen, 1),
      ("one set", "crdt-g-set", .setGrowing, 1),
      ("one set", "crdt-2p-set", .setPlain, 1),
      ("one set, ids", "crdt-or-set", .setByIDs, 1),
      ("1000 sets, version vectors", "crdt-or-set", .setByVectors, 1_000),
      ("1000 registers, version vectors", "crdt-mv-register", .versions, 1_000),
      ("one register, version vectors", "crdt-mv-register", .versions, 1),
      ("10000 registers, timestamps", "crdt-lww-register", .timestamps, 10_000),
    ]
    return kinds.flatMap { name, model, kind, objects in
      [false, true].map { diverges in
        WorkloadRow(
          name: "\(name), \(diverges ? "diverged" : "valid")", model: model, claim: "converges",
          planted: diverges ? .diverged : nil,
          history: { ReplicaLoad.history(kind, count, objects: objects, diverges: diverges) },
          assumptions: quiet)
      }
    } + late(count) + maps(count) + siblings(count)
  }

  /// Somebody says that nothing takes effect any more when the replicas are read: else what differs may be what is still on its way.
  private static var quiet: Assumptions {
    var assumptions = Assumptions()
    assumptions.quiescence = 1
    return assumptions
  }

  /// Nobody says so, and thousands of updates are of unknown outcome: some of them are the difference.
  private static func late(_ count: Int) -> [WorkloadRow] {
    [
      WorkloadRow(
        name: "one counter, diverged, no word on quiescence", model: "crdt-pn-counter", claim: "converges",
        planted: nil,
        isUndecidable: true
      ) { ReplicaLoad.history(.counter, count, objects: 1, diverges: true) }
    ]
  }

  private static func maps(_ count: Int) -> [WorkloadRow] {
    [false, true].map { diverges in
      WorkloadRow(
        name: "1000 counters read whole, \(diverges ? "diverged" : "valid")", model: "crdt-map", claim: "converges",
        planted: diverges ? .diverged : nil,
        history: { ReplicaLoad.history(.counter, count, objects: 1_000, isMap: true, diverges: diverges) },
        assumptions: quiet)
    }
  }

  private static func siblings(_ count: Int) -> [WorkloadRow] {
    [false, true].map { loses in
      WorkloadRow(
        name: "10000 keys, \(loses ? "lost-update" : "valid")", model: "siblings", claim: "no-lost-updates",
        planted: loses ? .lostUpdate : nil
      ) { SiblingsLoad.history(count, keys: 10_000, loses: loses) }
    }
  }
}
