/// Interns hashable values as dense ids, in order of first use.
public struct SymbolTable<Symbol: Hashable & Sendable>: Sendable {
  public private(set) var symbols: [Symbol] = []
  private var ids: [Symbol: UInt32] = [:]

  public init() {}

  public var count: Int { symbols.count }

  /// The id of `symbol`, a new one if it was never seen.
  public mutating func intern(_ symbol: Symbol) -> UInt32 {
    if let id = ids[symbol] { return id }
    let id = UInt32(symbols.count)
    symbols.append(symbol)
    ids[symbol] = id
    return id
  }

  /// The id of `symbol` if it was seen.
  public func id(of symbol: Symbol) -> UInt32? { ids[symbol] }

  public subscript(id: UInt32) -> Symbol { symbols[Int(id)] }
}
