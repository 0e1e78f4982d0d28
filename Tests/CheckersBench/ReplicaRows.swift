import Checkers
import Histories

extension WorkloadRow {
  /// Replicated objects, each as it should be, and with one replica that differs or one value that is gone.
  static func replicas(quick: Bool) -> [WorkloadRow] {
    let count = quick ? 10_000 : 1_000_000
    let kinds: [(String, String, ReplicaLoad.Kind, Int)] = [
      ("one counter", "crdt-pn-counter", .counter, 1),
      ("one counter, reads with version vectors", "crdt-g-counter", .counterSeen, 1),
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
          planted: diverges ? .diverged : nil
        ) { ReplicaLoad.history(kind, count, objects: objects, diverges: diverges) }
      }
    } + maps(count) + siblings(count)
  }

  private static func maps(_ count: Int) -> [WorkloadRow] {
    [false, true].map { diverges in
      WorkloadRow(
        name: "1000 counters read whole, \(diverges ? "diverged" : "valid")", model: "crdt-map", claim: "converges",
        planted: diverges ? .diverged : nil
      ) { ReplicaLoad.history(.counter, count, objects: 1_000, isMap: true, diverges: diverges) }
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
