/// Text of the world, made safe for the place in a page where it will stand.
enum PageText {
    /// For an element's text or a quoted attribute.
    static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            // Not allowed in a page at all.
            case _ where scalar.value < 0x20 && !"\t\n\r".unicodeScalars.contains(scalar): out += "\u{FFFD}"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// A page up to its body.
    /// - Parameter title: escaped already.
    static func opening(title: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title) - parley analyze</title>
        <style>
        \(PageStyle.text)</style>
        </head>
        <body>
        """
    }

    /// JSON for a `script` element: there, only `<` could end it.
    static func inScript(_ json: String) -> String { json.replacing("<", with: "\\u003c") }

    /// A file's name as an address beside the page (RFC 3986, section 2.3), not taken for one with a scheme.
    static func address(_ name: String) -> String {
        var out = "./"
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let hex = String(byte, radix: 16, uppercase: true)
                out += "%" + (hex.count < 2 ? "0" : "") + hex
            }
        }
        return out
    }
}
