/// The interface's description, OpenAPI 3.1, as it stands in docs/openapi.json (a test compares the two).
enum OpenAPIDocument {
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Parley",
            "version": "1",
            "summary": "Telephone calls held by an agent: place them, watch them, end them.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
          },
          "servers": [{"url": "/"}],
          "paths": {
            "/v1/calls": {
              "get": {
                "operationId": "listCalls",
                "summary": "Calls under way and the last 500 that are over, newest first.",
                "tags": ["calls"],
                "security": [{"bearer": []}],
                "parameters": [
                  {"name": "state", "in": "query", "schema": {"$ref": "#/components/schemas/CallState"}},
                  {
                    "name": "limit",
                    "in": "query",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 500, "default": 100}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The calls.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["calls"],
                          "properties": {
                            "calls": {"type": "array", "items": {"$ref": "#/components/schemas/Call"}}
                          }
                        }
                      }
                    }
                  },
                  "401": {"$ref": "#/components/responses/Unauthorized"}
                }
              },
              "post": {
                "operationId": "placeCall",
                "summary": "Places a call.",
                "tags": ["calls"],
                "security": [{"bearer": []}],
                "parameters": [
                  {
                    "name": "Idempotency-Key",
                    "in": "header",
                    "schema": {"type": "string", "maxLength": 200},
                    "description": "The same key again places no second call; the answer is that of the first, with status 200."
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewCall"}}}
                },
                "responses": {
                  "201": {
                    "description": "Placed.",
                    "headers": {"Location": {"schema": {"type": "string"}}},
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Call"}}}
                  },
                  "200": {
                    "description": "Placed before with this key.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object",
                          "required": ["id"],
                          "properties": {"id": {"type": "string"}}
                        }
                      }
                    }
                  },
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "409": {
                    "description": "The server lacks a number or its public address.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  },
                  "422": {
                    "description": "The order makes no sense.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  },
                  "500": {
                    "description": "The order could not be kept.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  },
                  "502": {
                    "description": "The carrier refused.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  },
                  "503": {
                    "description": "Too many calls, or the server is closing.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  }
                }
              }
            },
            "/v1/calls/{id}": {
              "get": {
                "operationId": "getCall",
                "summary": "One call: state, transcript so far, latency per turn, and how it ended.",
                "tags": ["calls"],
                "security": [{"bearer": []}],
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "schema": {"type": "string"},
                    "description": "The call's id as `POST /v1/calls` or the list gave it."
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The call.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CallDetail"}}}
                  },
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "404": {
                    "description": "There is no such call.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  }
                }
              }
            },
            "/v1/calls/{id}/hangup": {
              "post": {
                "operationId": "hangUpCall",
                "summary": "Ends a call after a spoken goodbye.",
                "tags": ["calls"],
                "security": [{"bearer": []}],
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "schema": {"type": "string"},
                    "description": "The call's id as `POST /v1/calls` or the list gave it."
                  }
                ],
                "responses": {
                  "202": {
                    "description": "It will end.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Call"}}}
                  },
                  "401": {"$ref": "#/components/responses/Unauthorized"},
                  "404": {
                    "description": "There is no such call.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  },
                  "409": {
                    "description": "It has ended already.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
                  }
                }
              }
            },
            "/health/live": {
              "get": {
                "operationId": "isLive",
                "summary": "The process answers.",
                "tags": ["operation"],
                "responses": {
                  "200": {"description": "It does.", "content": {"text/plain": {"schema": {"type": "string"}}}}
                }
              }
            },
            "/health/ready": {
              "get": {
                "operationId": "isReady",
                "summary": "New calls are taken.",
                "tags": ["operation"],
                "responses": {
                  "200": {"description": "They are.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "503": {
                    "description": "The server is closing.",
                    "content": {"text/plain": {"schema": {"type": "string"}}}
                  }
                }
              }
            },
            "/metrics": {
              "get": {
                "operationId": "metrics",
                "summary": "Counters and histograms as Prometheus text.",
                "tags": ["operation"],
                "responses": {
                  "200": {
                    "description": "The figures.",
                    "content": {"text/plain": {"schema": {"type": "string"}}}
                  }
                }
              }
            },
            "/openapi.json": {
              "get": {
                "operationId": "openAPI",
                "summary": "This document.",
                "tags": ["operation"],
                "responses": {
                  "200": {
                    "description": "The document.",
                    "content": {"application/json": {"schema": {"type": "object"}}}
                  }
                }
              }
            },
            "/twilio/voice": {
              "post": {
                "operationId": "answerCall",
                "summary": "A call comes in: answers TwiML that connects its media stream. The agent is chosen by the called number.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "200": {"$ref": "#/components/responses/TwiML"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/voice/{agent}": {
              "post": {
                "operationId": "answerCallFor",
                "summary": "The same for the agent that the path names.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [{"name": "agent", "in": "path", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "200": {"$ref": "#/components/responses/TwiML"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/outbound/{id}": {
              "post": {
                "operationId": "outboundAnswered",
                "summary": "A call of ours was answered.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "200": {"$ref": "#/components/responses/TwiML"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/status": {
              "post": {
                "operationId": "callStatus",
                "summary": "The status of a call has changed.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "204": {"$ref": "#/components/responses/Noted"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/status/{id}": {
              "post": {
                "operationId": "callStatusFor",
                "summary": "The status of a call of ours has changed.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "204": {"$ref": "#/components/responses/Noted"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/machine/{id}": {
              "post": {
                "operationId": "answeredBy",
                "summary": "Who answered a call of ours: a person or a machine.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "204": {"$ref": "#/components/responses/Noted"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/stream-status": {
              "post": {
                "operationId": "streamStatus",
                "summary": "A media stream began, stopped or failed.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "204": {"$ref": "#/components/responses/Noted"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/after-stream": {
              "post": {
                "operationId": "afterStream",
                "summary": "A stream, or the person a call was handed to, is through: what comes next.",
                "tags": ["carrier"],
                "security": [{"twilioSignature": []}],
                "parameters": [],
                "requestBody": {"$ref": "#/components/requestBodies/CarrierForm"},
                "responses": {
                  "200": {"$ref": "#/components/responses/TwiML"},
                  "400": {"$ref": "#/components/responses/BadForm"},
                  "403": {"$ref": "#/components/responses/BadSignature"},
                  "405": {"$ref": "#/components/responses/NotAPost"}
                }
              }
            },
            "/twilio/media": {
              "get": {
                "operationId": "mediaStream",
                "summary": "The media stream's WebSocket; opened with a one-time token in its start message.",
                "tags": ["carrier"],
                "responses": {
                  "101": {"description": "A Twilio Media Streams conversation follows."},
                  "403": {"description": "A signature was sent and does not fit."},
                  "426": {"description": "Not a WebSocket handshake."}
                }
              }
            }
          },
          "components": {
            "securitySchemes": {
              "bearer": {"type": "http", "scheme": "bearer", "description": "`PARLEY_API_TOKEN`."},
              "twilioSignature": {"type": "apiKey", "in": "header", "name": "X-Twilio-Signature"}
            },
            "schemas": {
              "CallState": {
                "type": "string",
                "enum": ["queued", "ringing", "connecting", "in_progress", "transferring", "ended"]
              },
              "Outcome": {
                "type": ["string", "null"],
                "enum": [
                  "booked",
                  "qualified",
                  "unqualified",
                  "answered",
                  "handed_over",
                  "caller_gone",
                  "silence",
                  "limit_reached",
                  "voicemail_left",
                  "machine_answered",
                  "no_answer",
                  "busy",
                  "rejected",
                  "cancelled",
                  "failed",
                  null
                ],
                "description": "One for every call that has ended."
              },
              "Call": {
                "type": "object",
                "required": ["id", "state", "direction", "agent", "from", "to", "started"],
                "properties": {
                  "id": {"type": "string"},
                  "state": {"$ref": "#/components/schemas/CallState"},
                  "direction": {"type": "string", "enum": ["inbound", "outbound"]},
                  "agent": {"type": "string"},
                  "from": {"type": "string"},
                  "to": {"type": "string"},
                  "carrier_id": {
                    "type": ["string", "null"],
                    "description": "The carrier's name for it, Twilio's CallSid."
                  },
                  "answered_by": {
                    "type": ["string", "null"],
                    "description": "human, machine_end_beep, …, where machine detection was asked for."
                  },
                  "started": {"type": "string", "format": "date-time"},
                  "ended": {"type": ["string", "null"], "format": "date-time"},
                  "outcome": {"$ref": "#/components/schemas/Outcome"},
                  "reason": {"type": ["string", "null"]}
                }
              },
              "CallDetail": {
                "allOf": [
                  {"$ref": "#/components/schemas/Call"},
                  {
                    "type": "object",
                    "required": ["transcript", "turns"],
                    "properties": {
                      "transcript": {"type": "array", "items": {"$ref": "#/components/schemas/Entry"}},
                      "turns": {"type": "array", "items": {"$ref": "#/components/schemas/Turn"}}
                    }
                  }
                ]
              },
              "Entry": {
                "type": "object",
                "required": ["speaker", "start_ms", "end_ms", "text"],
                "properties": {
                  "speaker": {"type": "string", "enum": ["caller", "agent"]},
                  "start_ms": {"type": "integer"},
                  "end_ms": {"type": "integer"},
                  "text": {"type": "string", "description": "Of the agent: what was heard."},
                  "interrupted": {"type": "boolean"}
                }
              },
              "Turn": {
                "type": "object",
                "required": ["turn", "gap_us", "parts_us"],
                "properties": {
                  "turn": {"type": "integer"},
                  "gap_us": {
                    "type": "integer",
                    "description": "The caller's last speech sample to the agent's first audible one."
                  },
                  "parts_us": {
                    "type": "object",
                    "additionalProperties": {"type": "integer"},
                    "description": "Where the gap went; they sum to it."
                  },
                  "hidden_us": {
                    "type": "object",
                    "additionalProperties": {"type": "integer"},
                    "description": "Work that ran behind something else."
                  },
                  "endpoint_delay_us": {"type": "integer"}
                }
              },
              "NewCall": {
                "type": "object",
                "required": ["to"],
                "additionalProperties": false,
                "properties": {
                  "to": {"type": "string", "pattern": "^\\+[0-9]{7,15}$", "examples": ["+15550100005"]},
                  "agent": {"type": "string", "description": "Needed where several are served."},
                  "machine_detection": {"type": "boolean", "default": false},
                  "variables": {
                    "type": "object",
                    "additionalProperties": {"type": ["string", "number", "boolean"]},
                    "description": "Told to the agent with its instructions."
                  }
                }
              },
              "Problem": {
                "type": "object",
                "required": ["error"],
                "properties": {
                  "error": {
                    "type": "object",
                    "required": ["code", "message"],
                    "properties": {"code": {"type": "string"}, "message": {"type": "string"}}
                  }
                }
              }
            },
            "responses": {
              "Unauthorized": {
                "description": "No or a wrong bearer token.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TwiML": {"description": "TwiML.", "content": {"text/xml": {"schema": {"type": "string"}}}},
              "BadForm": {
                "description": "The body is not a form, or lacks what is needed.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "BadSignature": {
                "description": "The signature does not fit.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NotAPost": {
                "description": "Not a POST.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Noted": {"description": "Noted."}
            },
            "requestBodies": {
              "CarrierForm": {
                "required": true,
                "content": {
                  "application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "additionalProperties": {"type": "string"}}
                  }
                }
              }
            }
          }
        }

        """#
}
