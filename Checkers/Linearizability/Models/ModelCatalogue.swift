import Histories

/// The models of `faultline check`: a new one is a file of its own, and a line here.
public enum ModelCatalogue {
  /// In the order in which they are listed.
  public static let all: [CatalogueModel] = [
    CatalogueModel(
      "register", "a register that is read and written",
      [.init("read", .null, "null → v"), .init("write", .any, "v")], initial: .null
    ) { CASRegister(initial: $0) },
    CatalogueModel(
      "cas-register", "a register with compare-and-set; a mismatch is `fail`",
      [.init("read", .null, "null → v"), .init("write", .any, "v"), .init("cas", .pair, "[from, to]")], initial: .null
    ) { CASRegister(initial: $0) },
  ]

  public static func model(named name: String) -> CatalogueModel? { all.first { $0.name == name } }

  /// The model that judges the histories of a bundled workload.
  public static func model(ofWorkload workload: String) -> CatalogueModel? {
    switch workload {
    case "register": model(named: "cas-register")
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
