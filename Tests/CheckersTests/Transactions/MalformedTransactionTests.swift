import Checkers
import Histories
import Testing

/// Histories that are no list-append histories are refused, with the event and what is wrong with it.
@Suite struct MalformedTransactionTests {
  static let malformed: [(text: String, index: Int, message: String)] = [
    ("0 invoke 7", 0, "a transaction is a list of micro-operations"),
    ("0 invoke [[\"append\",0]]", 0, "expected"),
    ("0 invoke [[\"w\",0,1]]", 0, "expected"),
    ("0 invoke [[\"append\",[0],1]]", 0, "scalar key"),
    ("0 invoke [[\"append\",0,null]]", 0, "writes null, which is what a read of nothing shows"),
    ("0 invoke [[\"append\",0,[1]]]", 0, "expected"),
    ("0 invoke [[\"r\",0,null]]\n0 ok [[\"r\",0,5]]", 1, "expected"),
    ("0 invoke [[\"r\",0,null]]\n0 ok [[\"r\",1,[]]]", 1, "other micro-operations than its invocation"),
    ("0 invoke [[\"r\",0,null]]\n0 ok []", 1, "other micro-operations than its invocation"),
    ("0 invoke [[\"append\",0,1]]\n0 ok [[\"append\",0,2]]", 1, "other micro-operations than its invocation"),
    ("0 invoke [[\"append\",0,1]]\n1 invoke [[\"append\",0,1]]", 1, "1 is appended to key 0 again (first at event 0)"),
  ]

  @Test(arguments: malformed.indices) func refused(_ number: Int) throws {
    let (text, index, message) = Self.malformed[number]
    let history = try ListHistory.parse(text)
    let error = #expect(throws: MalformedHistory.self) { try ListAppendChecker.report(history) }
    #expect(error?.index == index)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
  }

  @Test func `a completion without an invocation is no history`() throws {
    let history = try ListHistory.parse("0 ok [[\"append\",0,1]]")
    #expect(throws: PairingError.self) { try ListAppendChecker.report(history) }
  }

  @Test func `a read of nothing is a read of the empty list`() throws {
    let text = "0 invoke [[\"r\",0,null]]\n0 ok [[\"r\",0,null]]\n1 invoke [[\"append\",0,1]]\n1 ok [[\"append\",0,1]]"
    let report = try ListAppendChecker.report(ListHistory.parse(text))
    #expect(report.strongestSatisfied == [.strictSerializable])
  }
}
