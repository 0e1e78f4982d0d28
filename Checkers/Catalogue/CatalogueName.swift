/// A name that results carry, with what it says: the tables of Docs/checkers.md are made of these.
public struct CatalogueName: Hashable, Sendable {
  /// As results spell it.
  public var name: String
  /// The claim that it is about.
  public var claim: String
  /// One sentence, without its full stop.
  public var summary: String
  /// Where the idea is from; what was added to it is argued in the doc comments of the code.
  public var source: String
}
