import Foundation
import Providers

enum JSONShape {
    static func isObject(_ text: String) -> Bool {
        (try? JSONSerialization.jsonObject(with: Data(text.utf8))) is [String: Any]
    }
}

enum ErrorShape {
    /// What is wrong with an error of the provider `name`.
    static func problems(of error: ProviderError, from name: String) -> [String] {
        (error.provider == name ? [] : ["an error of \"\(name)\" names \"\(error.provider)\""])
            + (error.detail.isEmpty ? ["an error says nothing"] : [])
    }
}
