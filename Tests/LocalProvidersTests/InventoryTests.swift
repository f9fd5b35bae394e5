import Foundation
import Testing

@testable import LocalProviders

struct InventoryTests {
    @Test func `what the tests themselves need is found, with its place`() {
        let inventory = Inventory.take()
        #expect(inventory.missing == [])
        #expect(inventory.canRecognise)
        #expect(inventory.voices == FliteVoice.voiceNames)
        #expect(inventory.parts.allSatisfy { FileManager.default.fileExists(atPath: $0.path ?? "") })
    }

    @Test func `a missing model is named with the package that brings it`() {
        let inventory = Inventory.take(modelFolder: "/nowhere")
        #expect(
            inventory.missing.map(\.description) == [
                "model en-us acoustic: missing: apt-get install pocketsphinx-en-us",
                "model en-us dictionary: missing: apt-get install pocketsphinx-en-us",
            ])
        #expect(!inventory.canRecognise)
    }

    @Test func `the model's folder is read from the package description`() {
        let text = "prefix=/opt/x\ndatadir=${prefix}/share\nmodeldir=${datadir}/model\n\nName: x\nCflags: -DA=${datadir}\n"
        #expect(RecogniserModel.modelFolder(text) == "/opt/x/share/model")
        #expect(RecogniserModel.modelFolder("Name: x\n") == nil)
        #expect(RecogniserModel.modelFolder("modeldir=${unknown}/model\n") == nil)
        #expect(RecogniserModel.modelFolder("modeldir=\n") == nil)
    }
}
