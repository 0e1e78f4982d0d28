// Files that are part of the executable. A new one is an array and a line of the table.
//
// #embed (C23) costs the compiler next to nothing, where SwiftPM's own embedding takes minutes for large files; and the
// compiler writes embedded files into its dependency list, so that editing one rebuilds this file.

#include "include/CAssets.h"

#include <string.h>

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char presets_raft_kv_yaml[] = {
#embed "presets/raft-kv.yaml"
};

static const unsigned char presets_dynamo_ring_yaml[] = {
#embed "presets/dynamo-ring.yaml"
};

static const unsigned char presets_paxos_log_yaml[] = {
#embed "presets/paxos-log.yaml"
};

static const unsigned char presets_message_queue_yaml[] = {
#embed "presets/message-queue.yaml"
};

static const unsigned char report_report_css[] = {
#embed "report/report.css"
};

static const unsigned char report_data_js[] = {
#embed "report/data.js"
};

static const unsigned char report_timeline_js[] = {
#embed "report/timeline.js"
};

static const unsigned char report_charts_js[] = {
#embed "report/charts.js"
};

static const unsigned char report_counterexample_js[] = {
#embed "report/counterexample.js"
};

static const unsigned char report_report_js[] = {
#embed "report/report.js"
};

static const struct {
  const char *name;
  const unsigned char *bytes;
  size_t length;
} assets[] = {
    {"presets/raft-kv.yaml", presets_raft_kv_yaml, sizeof presets_raft_kv_yaml},
    {"presets/dynamo-ring.yaml", presets_dynamo_ring_yaml, sizeof presets_dynamo_ring_yaml},
    {"presets/paxos-log.yaml", presets_paxos_log_yaml, sizeof presets_paxos_log_yaml},
    {"presets/message-queue.yaml", presets_message_queue_yaml, sizeof presets_message_queue_yaml},
    {"report/report.css", report_report_css, sizeof report_report_css},
    {"report/data.js", report_data_js, sizeof report_data_js},
    {"report/timeline.js", report_timeline_js, sizeof report_timeline_js},
    {"report/charts.js", report_charts_js, sizeof report_charts_js},
    {"report/counterexample.js", report_counterexample_js, sizeof report_counterexample_js},
    {"report/report.js", report_report_js, sizeof report_report_js},
};

FaultlineAsset faultline_asset(const char *name) {
  for (size_t i = 0; i < sizeof assets / sizeof assets[0]; i++) {
    if (strcmp(assets[i].name, name) == 0) {
      return (FaultlineAsset){assets[i].bytes, assets[i].length};
    }
  }
  return (FaultlineAsset){NULL, 0};
}
