import Checkers
import Histories
import Testing

/// 1 and 1.0 are two values; the hint is for who did not mean that.
@Suite struct MixedNumbersTests {
  private static func mixed(_ text: String, keyed: Bool = false) throws -> MixedNumbers? {
    MixedNumbers(try InvariantText.history(text, keyed: keyed))
  }

  @Test func `a key with an integer and the same decimal`() throws {
    let scalars = try #require(try Self.mixed("0 invoke write 1\n0 ok write 1\n1 invoke read null\n1 ok read 1.0"))
    #expect(scalars.integer == 1 && scalars.key == nil)
    #expect(scalars.events == (integer: 0, decimal: 3))
    let lists = try #require(try Self.mixed("0 invoke add 2\n0 ok add 2\n1 invoke read null\n1 ok read [1,2.0]"))
    #expect(lists.integer == 2)
    let micro = try #require(
      try Self.mixed(#"0 invoke txn [["w","x",3],["w","y",3]]"# + "\n" + #"0 ok txn [["w","x",3],["w","y",3.0]]"#))
    #expect(micro.key == "y")
    let keyed = try #require(try Self.mixed(#"0 invoke write ["a",1]"# + "\n" + #"0 ok write ["a",1.0]"#, keyed: true))
    #expect(keyed.key == "a")
  }

  @Test func `nothing is said of other decimals, of other keys and of integers`() throws {
    #expect(try Self.mixed("0 invoke write 1\n0 ok write 1\n1 invoke read null\n1 ok read 1.5") == nil)
    #expect(try Self.mixed("0 invoke write 1\n0 ok write 1") == nil)
    let apart = #"0 invoke write ["a",1]"# + "\n" + #"1 invoke write ["b",1.0]"#
    #expect(try Self.mixed(apart, keyed: true) == nil)
  }
}
