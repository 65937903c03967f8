// Kubernetes audit events.
#pragma once

#include <memory>

#include "sources/decoder.h"

namespace sightline::kubernetes {

// Reads audit.k8s.io JSON: the API server's log (one Event a line), EventList as webhooks get it, arrays, events in the
// envelope of Azure's diagnostic logs (text at properties.log), and any number of these one after the other. An event's
// original is its object's bytes as they stood, with the envelope; the stages of one request stay separate events.
// Other objects (core/v1 Events, other logs) are rejected. docs/sources/kubernetes.md says which fields are filled.
std::unique_ptr<sources::Decoder> make_kubernetes_decoder(const sources::DecodeContext& context);

}  // namespace sightline::kubernetes
