@testable import Systems
import Testing

struct TransportErrorTableTests {
  /// Each row is found by what it says of itself: no earlier row hides it.
  @Test(arguments: TransportErrorTable.rows)
  func reachable(_ row: TransportErrorRow) {
    let found = TransportErrorTable.row(
      abort: row.abort, curlCode: row.curlCode ?? 9_999, osError: row.osError ?? 9_999, sent: row.sent)
    #expect(found == row)
  }

  @Test func definiteOnlyIfNotSent() {
    for row in TransportErrorTable.rows { #expect(row.definite == !row.sent) }
  }

  /// Whatever libcurl may say, an answer exists on both sides, and it is on the right side.
  @Test(arguments: [true, false])
  func total(sent: Bool) {
    for code in Int32(0)..<120 {
      for osError in Int32(0)..<140 {
        let row = TransportErrorTable.row(abort: nil, curlCode: code, osError: osError, sent: sent)
        #expect(row.sent == sent)
      }
    }
  }

  @Test func everyReasonHasARow() {
    let reasons = Set(TransportErrorTable.rows.map(\.reason))
    for reason in TransportFailure.Reason.allCases { #expect(reasons.contains(reason), "\(reason)") }
  }
}
