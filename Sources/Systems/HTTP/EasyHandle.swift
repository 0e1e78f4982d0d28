import CCurl

/// One of libcurl's easy handles, not owned: typed, checked setters and getters.
struct EasyHandle {
  let raw: UnsafeMutableRawPointer

  func set(_ option: CURLoption, _ value: Int) throws(HTTPDriverError) {
    try Self.check("curl_easy_setopt", ccurl_set_long(raw, option, value))
  }

  func set(_ option: CURLoption, offset value: Int) throws(HTTPDriverError) {
    try Self.check("curl_easy_setopt", ccurl_set_offset(raw, option, curl_off_t(value)))
  }

  /// libcurl copies the text; nil restores the default.
  func set(_ option: CURLoption, _ text: String?) throws(HTTPDriverError) {
    let code =
      if let text { text.withCString { ccurl_set_pointer(raw, option, $0) } } else {
        ccurl_set_pointer(raw, option, nil)
      }
    try Self.check("curl_easy_setopt", code)
  }

  /// libcurl keeps the pointer.
  func set(_ option: CURLoption, pointer: UnsafeRawPointer?) throws(HTTPDriverError) {
    try Self.check("curl_easy_setopt", ccurl_set_pointer(raw, option, pointer))
  }

  /// 0 if libcurl does not know.
  func long(_ info: CURLINFO) -> Int {
    var value = 0
    _ = ccurl_get_long(raw, info, &value)
    return value
  }

  static func check(_ call: String, _ code: CURLcode) throws(HTTPDriverError) {
    guard code == CURLE_OK else { throw .libcurl(call: call, code: Int32(bitPattern: code.rawValue)) }
  }

  static func check(_ call: String, _ code: CURLMcode) throws(HTTPDriverError) {
    guard code == CURLM_OK else { throw .libcurl(call: call, code: code.rawValue) }
  }
}
