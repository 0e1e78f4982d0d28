import Histories

/// Small histories of every format, and the words that matter in it: where mutation starts.
struct Family {
  let format: HistoryFormat
  let samples: [String]
  let words: [String]

  static let all = [jsonLines, json, edn, jepsenLog]

  static func of(_ format: HistoryFormat) -> Family { all.first { $0.format == format } ?? jsonLines }

  private static let jsonWords = [
    #""type""#, #""process""#, #""value""#, #""f""#, #""key""#, #""index""#, #""time""#, #""node""#, #""error""#,
    #""invoke""#, #""ok""#, #""fail""#, #""info""#, #""nemesis""#, "null", "true", "false", "[", "]", "{", "}", ",",
    ":",
    "\"", "\\", "\\u0000", "\\ud83d\\ude42", "\\ud800", "9223372036854775807", "9223372036854775808",
    "-9223372036854775808",
    "1e400", "0.1", "-0", "-0.0", "1e-320", "4294967296", "2147483647", "\n", "\r\n", "\u{FEFF}", "\0", "é", "[[[[[[[[",
    "{}",
  ]

  private static let ednWords = [
    ":type", ":process", ":value", ":f", ":key", ":index", ":time", ":node", ":error", ":invoke", ":ok", ":fail",
    ":info",
    ":nemesis", "nil", "true", "false", "#{", "#_", "#inst ", "#a/b ", "##NaN", "{", "}", "[", "]", "(", ")", ";",
    "\\newline",
    "\\u0041", "\\o101", "\\a", "\"", "\\", "1/2", "1N", "1.5M", "+7", "-0", "0x10", "9223372036854775808N", ":", "::",
    "/",
    ",", "\n", "\t", "\r\n", "\0", "é", "((((((((", "#_#_#_", "#_\\", "#:a{",
  ]

  static let jsonLines = Family(
    format: .jsonLines,
    samples: [
      """
      {"index":0,"time":10,"process":0,"type":"invoke","f":"read","value":["x",null],"node":"n1"}
      {"index":1,"time":20,"process":1,"type":"invoke","f":"write","value":["x",7],"node":"n2"}
      {"index":2,"time":30,"process":0,"type":"ok","f":"read","value":["x",{"a":[1,2.5],"b":"\\u00e9\\n"}],"node":"n1"}
      {"index":3,"time":40,"process":1,"type":"info","f":"write","value":["x",7],"error":"timeout"}
      {"index":4,"time":50,"process":"nemesis","type":"info","f":"kill","value":null}

      """,
      """
      {"process":"a","type":"invoke","f":"add","key":"k","value":9223372036854775807}
      {"process":"b","type":"invoke","f":"add","key":"k","value":-2}
      {"process":"b","type":"fail","f":"add","key":"k","value":-2,"error":{"code":3}}
      {"process":"a","type":"ok","f":"add","key":"k","value":9223372036854775807}
      """,
      #"{"type":"ok","value":[["w","x",1]]}"# + "\n" + #"{"type":"ok","value":[["r","x",1]],"extra":{"deep":[[[]]]}}"#
        + "\n",
    ], words: jsonWords)

  static let json = Family(
    format: .json,
    samples: [
      """
      [{"index":0,"process":1,"type":"invoke","value":[["append",253,1],["r",253,null]]},
      {"index":1,"process":1,"type":"ok","value":[["append",253,1],["r",253,[1]]]},
      {"type":"invoke","f":"read","process":0,"time":11142323154,"index":2},
      {"type":"ok","f":"read","process":0,"time":11245205834,"value":{"0":10,"1":-10},"index":3}]
      """,
      "[\n {\"type\":\"info\",\"f\":\"start\",\"process\":\"nemesis\"},\n {\"type\":\"ok\",\"f\":\"txn\"}\n]\n",
    ], words: jsonWords)

  static let edn = Family(
    format: .edn,
    samples: [
      """
      ; a comment
      [{:process 7, :type :invoke, :f :cas, :value [2 3]}
       {:process 7, :type :fail, :f :cas, :value [2 3], :error [:not-found "no such key"]}
       {:process :nemesis, :type :info, :f :start, :value "Cut off [:n3 #[:n4]]"}]
      """,
      """
      {:type :invoke, :f :read, :process 0, :time 11, :index 0}
      {:type :ok, :f :read, :process 0, :time 12, :value {0 10, :x 1, "y" [1 2.5]}, :index 1}
      {:process 1, :type :invoke, :f :append, :key "0", :value "x 0 0 y"}
      {:process 1, :type :ok, :f :append, :key "0", :value "x 0 0 y"}

      """,
      """
      ({:type :ok :value [[:w :x #{:n2 :n1}]] #_ {:type :invoke}} #op{:value nil
        :type :info :f txn :error #inst "2020-01-01" :c \\newline, :s #{2 1 -1}})
      """,
    ], words: ednWords)

  static let jepsenLog = Family(
    format: .jepsenLog,
    samples: [
      """
      INFO  jepsen.util - 0\t:invoke\t:read\tnil
      INFO  jepsen.util - 3\t:invoke\t:cas\t[1 2]
      INFO  jepsen.core - Worker 3 starting
      INFO  jepsen.util - 0\t:ok\t:read\t3
      INFO  jepsen.util - 3\t:info\t:cas\t:timed-out
      INFO  jepsen.util - :nemesis\t:info\t:start\tCut off {:n1 #{:n2}}
      """,
      """
      2020-01-01 10:00:00,123{GMT}\tINFO\t[jepsen worker 4] jepsen.util: 4\t:invoke\t:txn\t[[:r 1 nil]]
      2020-01-01 10:00:00,124{GMT}\tINFO\t[jepsen worker 4] jepsen.util: 4\t:fail\t:txn\t[[:r 1 nil]]\t:conflict
      9 :invoke :write 3
      9 :ok :write 3

      """,
    ], words: ednWords + ["jepsen.util", " - ", "\t:invoke\t", "\t:ok\t", "INFO"])
}
