import Histories

/// The models of `faultline check`: a new one is a file of its own, and a line here.
public enum ModelCatalogue {
  /// In the order in which they are listed.
  public static let all: [CatalogueModel] = [
    CatalogueModel(
      "register", "a register that is read and written",
      [.init("read", .null, "null → v", answer: .element), .init("write", .any, "v")],
      initial: .null
    ) { Register(initial: $0) },
    CatalogueModel(
      "cas-register", "a register with compare-and-set; a mismatch is a fail",
      [
        .init("read", .null, "null → v", answer: .element), .init("write", .any, "v"),
        .init("cas", .pair, "[from, to]"),
      ], initial: .null
    ) { CASRegister(initial: $0) },
    CatalogueModel(
      "multi-register", "registers that transactions read and write together, all at once",
      [.init("txn", .any, #"[["r", k, null], ["w", k, v], …] → the same with what was read; also "read", "write""#)],
      keys: .none, initial: [:]
    ) { initial in initial.map.map { MultiRegister(initial: $0) } },
    CatalogueModel(
      "kv", "keys with strings that are read, replaced and appended to",
      [.init("get", .null, "null → v"), .init("put", .any, "v"), .init("append", .any, "v")], keys: .always, initial: ""
    ) { KV(initial: $0) },
    CatalogueModel(
      "mutex", "a lock that one process holds; anybody may release it",
      [.init("acquire", .null, "null"), .init("release", .null, "null")],
      keys: .bare(functions: ["acquire", "release"])
    ) { _ in MutexLock() },
    CatalogueModel(
      "semaphore", "permits that are taken and given back; --initial says how many there are",
      [.init("acquire", .null, "null"), .init("release", .null, "null")],
      keys: .bare(functions: ["acquire", "release"]), initial: .null,
      needs: "N, the number of permits: an integer, at least 1"
    ) { initial in initial.int.flatMap { Int(exactly: $0) }.flatMap { $0 >= 1 ? Semaphore(permits: $0) : nil } },
    CatalogueModel(
      "fenced-lock", "a lock with growing tokens, and the resource that checks them",
      [
        .init("acquire", .null, "null → token"), .init("release", .integer, "token"),
        .init("write", .pair, "[token, v]"),
      ],
      keys: .bare(functions: ["acquire"])
    ) { _ in FencedLock() },
    CatalogueModel(
      "fifo-queue", "a queue: first in, first out",
      [.init("enqueue", .any, "v"), .init("dequeue", .null, "null → v, or null where it is empty")]
    ) { _ in FIFOQueue() },
    CatalogueModel(
      "unordered-queue", "a queue in no order",
      [.init("enqueue", .any, "v"), .init("dequeue", .null, "null → v, or null where it is empty")]
    ) { _ in UnorderedQueue() },
    CatalogueModel(
      "stack", "last in, first out",
      [.init("push", .any, "v"), .init("pop", .null, "null → v, or null where it is empty")]
    ) { _ in Stack() },
    CatalogueModel(
      "priority-queue", "integers, the smallest first",
      [
        .init("insert", .integer, "n"), .init("delete-min", .null, "null → n, or null where it is empty"),
        .init("extract", .null, "the same"),
      ]
    ) { _ in PriorityQueue() },
    CatalogueModel(
      "grow-set", "a set that only grows, and is read whole",
      [.init("add", .any, "v"), .init("read", .null, "null → [v, …]", answer: .list)], initial: [],
      starts: "a list of elements"
    ) { initial in initial.list.map { GrowSet(initial: $0) } },
    CatalogueModel(
      "set-object", "a set whose elements are added, removed and asked for",
      [.init("add", .any, "v"), .init("remove", .any, "v"), .init("contains", .any, "v → [v, bool]")], initial: [],
      starts: "a list of elements"
    ) { initial in initial.list.map { SetObject(initial: $0) } },
    CatalogueModel(
      "counter", "a counter that integers are added to",
      [.init("add", .integer, "n"), .init("read", .null, "null → n", answer: .element)], initial: 0,
      starts: "an integer of 64 bits"
    ) { initial in initial.int.map { Counter(initial: $0) } },
    CatalogueModel(
      "log", "a log without gaps; --initial is its first index",
      [.init("append", .any, "v → [index, v]"), .init("read", .range, "[from, to] or null → [[index, v], …]")],
      initial: 0, starts: "its first index, an integer from 0 and below 2⁶²"
    ) { initial in
      initial.int.flatMap { (0..<AppendLog.indexEnd).contains($0) ? AppendLog(firstIndex: $0) : nil }
    },
  ]

  public static func model(named name: String) -> CatalogueModel? { all.first { $0.name == name } }

  /// The model of an object that judges the histories of a bundled workload.
  public static func model(ofWorkload workload: String) -> CatalogueModel? {
    switch workload {
    case "register": model(named: "cas-register")
    case "log": model(named: "log")
    default: nil
    }
  }

  /// The models that know all these functions and no more than it takes: of two that do, one whose functions are among
  /// the other's is kept. More than one where the names alone do not say which is meant.
  public static func candidates(for functions: [String]) -> [CatalogueModel] {
    let fitting = all.filter { Set(functions).isSubset(of: $0.functions) }
    return fitting.filter { model in !fitting.contains { $0.functions.isStrictSubset(of: model.functions) } }
  }
}

extension CatalogueModel {
  var functions: Set<String> { Set(operations.map(\.function)) }
}
