import Histories

/// Whether one key has a whole number both as an integer and as a decimal: 1 and 1.0 are two values, which who recorded
/// the history may not have meant.
public struct MixedNumbers: Hashable, Sendable {
  /// The key; nil where the history has none.
  public var key: Value?
  public var integer: Int64
  /// Event indices of a first integer and a first decimal.
  public var events: (integer: Int, decimal: Int) { (first, second) }
  private var (first, second): (Int, Int)

  private struct Number: Hashable {
    var key: Value?
    var integer: Int64
  }

  /// The first pair; nil where there is none. Scalars count, those of lists and of micro-operations, `[f, k, v]`, too.
  public init?(_ history: History) {
    var decimals: [Number: Int] = [:]
    Self.forEachScalar(history) { event, key, word in
      if let whole = Self.decimal(word, history.values), decimals.count < Self.decimalsMax {
        let number = Number(key: key(), integer: whole)
        if decimals[number] == nil { decimals[number] = event }
      }
    }
    if decimals.isEmpty { return nil }
    var found: (number: Number, integer: Int, decimal: Int)?
    Self.forEachScalar(history) { event, key, word in
      guard found == nil, let integer = history.values.int(word) else { return }
      let number = Number(key: key(), integer: integer)
      if let decimal = decimals[number] { found = (number, event, decimal) }
    }
    guard let found else { return nil }
    (key, integer) = (found.number.key, found.number.integer)
    (first, second) = (found.integer, found.decimal)
  }

  /// Decimals that are kept: a hint need not know all.
  private static let decimalsMax = 10_000

  /// The integer that a decimal is equal to.
  private static func decimal(_ word: ValueWord, _ values: ValueStore) -> Int64? {
    guard values.int(word) == nil, values.string(word) == nil, !word.isNull else { return nil }
    guard case .double(let number) = values.value(word) else { return nil }
    return Int64(exactly: number)
  }

  private static func forEachScalar(
    _ history: History, _ body: (_ event: Int, _ key: () -> Value?, _ word: ValueWord) -> Void
  ) {
    history.values.withLists { lists in
      for event in 0..<history.count where !history.process(at: event).isNemesis {
        let word = history.word(at: event)
        let key = { history.keyID(at: event).map { history.keys[$0] } }
        if word.isScalar { body(event, key, word) }
        guard let list = lists[word] else { continue }
        for raw in list {
          let element = ValueWord(rawValue: raw)
          if element.isScalar { body(event, key, element) }
          guard let micro = lists[element], micro.count == 3 else { continue }
          let value = ValueWord(rawValue: micro[2])
          if value.isScalar { body(event, { history.values.value(ValueWord(rawValue: micro[1])) }, value) }
        }
      }
    }
  }
}
