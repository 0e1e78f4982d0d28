import CCurl

/// Header fields prepared as libcurl's linked lists.
///
/// Most operations of a system share a handful of header sets: those lists are built once and live as long as the
/// driver. A set beyond the limit (a header that carries the operation's value) gets a list of its own for each request.
struct HeaderListCache: ~Copyable {
  typealias List = UnsafeMutablePointer<curl_slist>

  /// Few, because a look-up compares them one by one; equal arrays that share storage compare in constant time.
  private static let setsMax = 8
  private var sets: [(headers: [HTTPHeader], list: List)] = []

  deinit { for set in sets { curl_slist_free_all(set.list) } }

  /// The shared list of these headers, made and kept if there is room; nil if there is none.
  mutating func shared(_ headers: [HTTPHeader]) throws(HTTPDriverError) -> List? {
    for set in sets where set.headers == headers { return set.list }
    guard sets.count < Self.setsMax else { return nil }
    let list = try Self.make(headers)
    sets.append((headers, list))
    return list
  }

  /// Checks the headers and builds their list; the caller frees it.
  static func make(_ headers: [HTTPHeader]) throws(HTTPDriverError) -> List {
    var lines = ["Expect:"]  // Without it, libcurl may hold a large body back for a second, waiting for a 100.
    for header in headers {
      try RequestValidation.check(header: header)
      lines.append(line(header))
    }
    if !headers.contains(where: { $0.name.lowercased() == "content-type" }) {
      lines.append("Content-Type:")  // libcurl would call every body a form.
    }
    return try list(lines)
  }

  /// libcurl reads `Name:` as "leave it out" and `Name;` as "send it empty".
  private static func line(_ header: HTTPHeader) -> String {
    header.value.utf8.allSatisfy(Byte.isBlank) ? "\(header.name);" : "\(header.name): \(header.value)"
  }

  private static func list(_ lines: [String]) throws(HTTPDriverError) -> List {
    var head: List?
    for line in lines {
      guard let longer = curl_slist_append(head, line) else {
        curl_slist_free_all(head)
        throw .libcurl(call: "curl_slist_append", code: Int32(bitPattern: CURLE_OUT_OF_MEMORY.rawValue))
      }
      head = longer
    }
    guard let head else { preconditionFailure("a header list has at least one line") }
    return head
  }
}
